"""What is known exactly about crews (docs/model/crew.md), at chosen settings."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial
from statistics import fmean
from typing import Any

from plandrift.experiments.analysis.closed_form import ClosedForm
from plandrift.experiments.analysis.lock_trace import EntryAsked, asked
from plandrift.experiments.statistics.theory import any_differs
from plandrift.experiments.sweeps.condition import condition
from plandrift.sim import Episode
from plandrift.sim.trace.crew_events import TaskEnded, Validated

ROUNDS, SKIPPED = 20, 3
"""How many rounds of tasks are measured, and how many before them are left out."""

SILENT = {"channel.sampling": "poll", "channel.poll_every": 1e6}
"""Nobody hears of anything: for policies that would not act on it."""


def crew_forms() -> Iterable[ClosedForm]:
    """Yield every closed form that is known for crews."""
    yield from _serial()
    yield from _never_wrong()
    yield from _mean_field()
    yield from _lockstep()
    yield from _locks()
    yield from _merge_queue()
    yield from _models()


def merge_success(agents: int, conflict: float, survives: float) -> float:
    """Return the share of private copies that are merged: q = (1 − c q)^(N − 1) e^(−S k λ T).

    >>> merge_success(2, 0.0, 1.0), round(merge_success(2, 0.5, 1.0), 6)
    (1.0, 0.666667)
    """
    low, high = 0.0, 1.0
    for _ in range(60):
        q = (low + high) / 2
        low, high = (q, high) if (1 - conflict * q) ** (agents - 1) * survives > q else (low, q)
    return high


def overlap(shared: int, written: int, required: int) -> float:
    """Return the probability that two random sets of entries of these sizes have one in common."""
    return 1 - math.comb(shared - written, required) / math.comb(shared, required)


def repair_shop(agents: int, models: int, thinking: float, acting: float) -> float:
    """Return the tasks per time of M/M/m//N: agents that think with one of m models, and act in between.

    >>> round(repair_shop(1, 1, 2.0, 3.0), 6)
    0.2
    """
    weights = [1.0]
    for thinkers in range(1, agents + 1):
        arrives = (agents - thinkers + 1) / acting
        weights.append(weights[-1] * arrives * thinking / min(thinkers, models))
    busy = sum([min(n, models) * weight for n, weight in enumerate(weights)])
    return busy / sum(weights) / thinking


def in_the_mean(
    agents: int, shared: int, steps: int, requires: int, thinking: float, rate: float, values: int
) -> float:
    """Return the mean over a task's steps of P_k(P + i), with the fellows' writes added to the volatility."""
    both = rate + (agents - 1) * steps / ((thinking + steps) * shared)
    return fmean([any_differs(thinking + i, both, values, requires) for i in range(steps)])


def in_lockstep(agents: int, shared: int, steps: int, requires: int) -> float:
    """Return the mean over a task's steps of 1 − (1 − 1/D)^(k(N−1)(i+½))."""
    before = [requires * (agents - 1) * (i + 0.5) for i in range(steps)]
    return fmean([1 - (1 - 1 / shared) ** writes for writes in before])


def lock_waits(agents: int, shared: int, locks: int, thinking: float) -> float:
    """Return the waits a task: K u, with u = (N − 1) φ (K + 1)/(2 D) and φ = K/(K + P)."""
    return locks * (agents - 1) * locks / (locks + thinking) * (locks + 1) / (2 * shared)


def lock_cycles(agents: int, shared: int, locks: int, thinking: float) -> float:
    """Return the deadlocks a task, where few wait: (N − 1) φ K (K − 1)² (K + 1)/(12 D²)."""
    busy = locks / (locks + thinking)
    return (agents - 1) * busy * locks * (locks - 1) ** 2 * (locks + 1) / (12 * shared**2)


def _serial() -> Iterable[ClosedForm]:
    for agents, tasks, steps, thinking, look in ((4, 5, 3, 2.0, 0.0), (3, 4, 2, 0.5, 0.4)):
        settings = _settings(agents, "serial", tasks=tasks, steps=steps)
        settings |= {"agent.thinking_time": thinking, "agent.read_latency": look, "horizon": 1000.0}
        expected = tasks * (thinking + steps) + (tasks - 1) * look
        yield ClosedForm(
            "serial M(P+S·d), a read for each turn",
            f"N={agents} M={tasks} S={steps} P={thinking} R={look}",
            expected,
            condition("ledger", "plan-once", settings),
            lambda episode: episode.metrics.duration,
            batch=20,
        )


def _never_wrong() -> Iterable[ClosedForm]:
    for agents, word, policy in (
        (6, "none", "if-match"),
        (4, "plan-lock", "gated"),
        (3, "serial", "plan-once"),
    ):
        settings = _settings(agents, word, tasks=12, steps=3, shared=12)
        settings |= {"agent.thinking_time": "exponential(1)", "horizon": 10_000.0}
        yield ClosedForm(
            "λ = 0: every task is right",
            f"N={agents} {word} {policy} M=12 D=12",
            12.0,
            condition("ledger", policy, settings),
            lambda episode: episode.metrics.right_tasks - episode.metrics.misfires,
            batch=20,
        )


def _mean_field() -> Iterable[ClosedForm]:
    for agents, shared, steps, k, thinking, rate, values in (
        (10, 200, 4, 2, 4.0, 0.0, 1_000_000),
        (4, 300, 3, 3, 5.0, 0.02, 1_000_000),
    ):
        span = thinking + steps
        settings = _spread_out(
            agents, "none", span, 12, steps=steps, requires=k, shared=shared, values=values
        )
        settings |= {"agent.thinking_time": thinking, "volatility": rate, "world.distinct": True}
        yield ClosedForm(
            "mean field: P_k, λ' = λ+(N−1)w·S/((P+S·d)D)",
            f"N={agents} D={shared} S={steps} k={k} P={thinking} λ={rate}",
            in_the_mean(agents, shared, steps, k, thinking, rate, values),
            condition("ledger", "plan-once", settings),
            partial(_direct, SKIPPED * span),
            batch=25,
            finds=0.03,
        )


def _lockstep() -> Iterable[ClosedForm]:
    for agents, shared, steps, k in ((16, 200, 8, 2), (8, 200, 6, 3)):
        settings = _settings(
            agents, "none", tasks=agents, steps=steps, requires=k, shared=shared, values=1_000_000
        )
        settings |= SILENT | {"agent.thinking_time": 1.0, "world.distinct": True, "horizon": 1000.0}
        yield ClosedForm(
            "in lockstep 1−(1−1/D)^(k(N−1)(i+½))",
            f"N={agents} D={shared} S={steps} k={k}",
            in_lockstep(agents, shared, steps, k),
            condition("ledger", "plan-once", settings),
            lambda episode: episode.metrics.misfire_rate,
            batch=25,
            finds=0.03,
        )


def _locks() -> Iterable[ClosedForm]:
    for agents, shared, locks, thinking in ((8, 200, 4, 4.0), (8, 400, 6, 4.0)):
        span = thinking + locks
        settings = _spread_out(agents, "plan-lock", span, ROUNDS, steps=locks, requires=1, shared=shared)
        settings |= SILENT | {
            "agent.thinking_time": f"exponential({thinking})",
            "agent.step_duration": "exponential(1)",
            "world.distinct": True,
        }
        made = condition("ledger", "plan-once", settings)
        at = f"N={agents} D={shared} K={locks} P={thinking}"
        yield ClosedForm(
            "locks as needed: waits K·u",
            at,
            lock_waits(agents, shared, locks, thinking),
            made,
            partial(_chances, SKIPPED * span, shared, lambda one: one.by_fellows),
            trace=True,
            batch=10,
            finds=0.03,
        )
        yield ClosedForm(
            "locks as needed: deadlocks (N−1)φK(K−1)²(K+1)/(12D²)",
            at,
            lock_cycles(agents, shared, locks, thinking),
            made,
            partial(_chances, SKIPPED * span, shared, lambda one: one.by_waiting),
            trace=True,
            batch=10,
            finds=0.3,
        )


def _merge_queue() -> Iterable[ClosedForm]:
    for agents, shared, steps, k, thinking, rate in ((4, 400, 4, 2, 2.0, 0.0), (2, 100, 3, 1, 3.0, 0.002)):
        span = thinking + steps
        settings = _spread_out(agents, "merge-queue", span, 10, steps=steps, requires=k, shared=shared)
        settings |= {"agent.thinking_time": thinking, "volatility": rate, "world.distinct": True}
        success = merge_success(agents, overlap(shared, steps, steps * k), math.exp(-steps * k * rate * span))
        yield ClosedForm(
            "merge queue q = (1−c·q)^(N−1) e^(−S·k·λ·T)",
            f"N={agents} D={shared} S={steps} k={k} P={thinking} λ={rate}",
            success,
            condition("ledger", "plan-once", settings),
            partial(_merged, SKIPPED * span),
            trace=True,
            batch=25,
            finds=0.03,
        )


def _models() -> Iterable[ClosedForm]:
    for agents, models, thinking, acting in ((6, 2, 2.0, 3.0), (4, 1, 1.0, 4.0)):
        settings = _settings(agents, "none", tasks=400, steps=1, requires=1, shared=100)
        settings |= SILENT | {
            "crew.models": models,
            "agent.thinking_time": f"exponential({thinking})",
            "agent.step_duration": f"exponential({acting})",
            "horizon": 160.0,
        }
        yield ClosedForm(
            "models: the machine-repair queue M/M/m//N",
            f"N={agents} m={models} P={thinking} d={acting}",
            repair_shop(agents, models, thinking, acting),
            condition("ledger", "plan-once", settings),
            partial(_throughput, 30.0),
            trace=True,
            batch=25,
            finds=0.03,
        )


def _direct(after: float, episode: Episode) -> float:
    """Return direct staleness before a step, averaged over the steps after this time."""
    return fmean([step.direct for step in episode.steps if step.time > after])


def _chances(after: float, shared: int, entries: Callable[[EntryAsked], int], episode: Episode) -> float:
    """Return how many such entries an agent asks for in a task, in expectation, after this time.

    Which entry is asked for is drawn evenly from those that the task does not hold yet. The sum of these
    probabilities varies far less than the number of times that one is asked for.
    """
    tasks = len([one for one in episode.trace if isinstance(one, TaskEnded) and one.t > after])
    found = [entries(one) / (shared - one.own) for one in asked(episode.trace) if one.time > after]
    return sum(found) / tasks


def _merged(after: float, episode: Episode) -> float:
    """Return the share of private copies that were merged, after this time."""
    checks = [
        not event.conflicts for event in episode.trace if isinstance(event, Validated) and event.t > after
    ]
    return sum(checks) / len(checks)


def _throughput(after: float, episode: Episode) -> float:
    """Return the tasks done per unit of time, counted from this time on."""
    ends = [event for event in episode.trace if isinstance(event, TaskEnded) and event.t > after]
    return len(ends) / (episode.metrics.duration - after)


def _spread_out(agents: int, coordination: str, span: float, rounds: int, **world: Any) -> dict[str, Any]:
    """Return the settings of agents that begin spread over a span, and end after several spans."""
    tasks = (SKIPPED + rounds + 10) * agents
    more = {"crew.spread": span, "horizon": (SKIPPED + rounds) * span}
    return _settings(agents, coordination, tasks=tasks, **world) | more


def _settings(agents: int, coordination: str, **world: Any) -> dict[str, Any]:
    crew = {"crew.agents": agents, "crew.coordination": coordination, "volatility": 0.0}
    return crew | {f"world.{name}": value for name, value in world.items()}
