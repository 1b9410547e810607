"""The cost of an episode: against a bare SimPy loop, with a trace, more fluents, and longer plans."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import simpy

from plandrift.experiments.bench.timing import line, ratio
from plandrift.policies import plan_once, replan_each
from plandrift.sim import Policy, World, run
from plandrift.worlds import Records, Telegraph


def bare(events: int) -> None:
    """Fire as many timeouts as an episode has events, one after the other in one process."""
    env = simpy.Environment()

    def clock() -> simpy.events.ProcessGenerator:
        for _ in range(events):
            yield env.timeout(1)

    env.process(clock())
    env.run()


def play(world: World, policy: Policy, horizon: float, count: int, trace: bool = False) -> int:
    """Run episodes, and return how many SimPy events they took."""
    return sum(run(world, policy, seed=seed, horizon=horizon, trace=trace).events for seed in range(count))


def episodes() -> None:
    """Print the cost of an episode in sweep mode, and of its trace."""
    print("an episode against a bare SimPy loop with the same number of timeouts (aim: at most 4 ×)")
    busy = Telegraph(volatility=1.0, steps=100)
    chosen: list[tuple[str, World, Policy, float, int]] = [
        ("telegraph, 100 fluents that change once per unit of time, plan-once", busy, plan_once(), 100, 2),
        ("telegraph, the same, replan-each", busy, replan_each(), 20, 1),
        ("records as it is, plan-once", Records(), plan_once(), 200, 60),
        ("records, volatility 1, plan-once", Records(volatility=1.0), plan_once(), 200, 30),
    ]
    for name, world, policy, horizon, count in chosen:
        events = play(world, policy, horizon, count)
        found = ratio(partial(play, world, policy, horizon, count), partial(bare, events))
        line(f"{name} ({events} events)", found)
    print("with a trace against without")
    for name, world, policy, horizon, count in chosen:
        traced = partial(play, world, policy, horizon, count, True)
        line(name, ratio(traced, partial(play, world, policy, horizon, count)))


def sizes() -> None:
    """Print that a change does not cost more with more fluents or more steps."""
    print("10,000 changes of one fluent at a time, relative to 10 fluents")
    _against([(f"{count} fluents", partial(_changes, fluents=count, steps=10)) for count in (10, 100, 1000)])
    print("10,000 changes of one fluent at a time, relative to a plan of 10 steps")
    _against(
        [
            (f"a plan of {count} steps", partial(_changes, fluents=1000, steps=count))
            for count in (10, 100, 1000)
        ]
    )


def _against(rows: list[tuple[str, Callable[[], object]]]) -> None:
    base = rows[0][1]
    for name, what in rows[1:]:
        line(name, ratio(what, base, rounds=5))


def _changes(fluents: int, steps: int) -> None:
    """Run an agent that waits with a plan in hand while the world makes 10,000 changes."""
    world = Telegraph(volatility=100.0 / fluents, fluents=fluents, steps=steps)
    run(world, plan_once(), horizon=100.0, step_duration=100_000.0)
