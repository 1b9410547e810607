"""Loops that one would write by hand for one question, against the compiled engine, on the same work.

The work: misfires of plan-once in telegraph with one wire a step. Each wire flips at the rate of the
volatility, steps take one unit of time, and a step misfires if its wire is not as it was at the start. The
loops count only that; the engine measures everything.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial

import simpy

from plandrift.experiments.bench.timing import line
from plandrift.experiments.sweeps.batch import SeedRange, run_batch
from plandrift.experiments.sweeps.condition import condition

STEPS, HORIZON = 10, 60.0


def plain(volatility: float, seed: int) -> int:
    """Return the misfires of an episode, in plain Python: the flips are merged with the steps."""
    draw = random.Random(seed)
    wires = [draw.randrange(2) for _ in range(STEPS)]
    planned, misfires = list(wires), 0
    rate = volatility * STEPS
    flip = draw.expovariate(rate)
    for step in range(STEPS):
        while flip <= step:
            wires[draw.randrange(STEPS)] ^= 1
            flip += draw.expovariate(rate)
        misfires += wires[step] != planned[step]
    return misfires


def with_simpy(volatility: float, seed: int) -> int:
    """Return the misfires of an episode, with one SimPy process for the world and one for the agent."""
    draw, env = random.Random(seed), simpy.Environment()
    wires = [draw.randrange(2) for _ in range(STEPS)]
    planned, misfires = list(wires), 0

    def world() -> simpy.events.ProcessGenerator:
        while True:
            yield env.timeout(draw.expovariate(volatility * STEPS))
            wires[draw.randrange(STEPS)] ^= 1

    def agent() -> simpy.events.ProcessGenerator:
        nonlocal misfires
        for step in range(STEPS):
            misfires += wires[step] != planned[step]
            yield env.timeout(1.0)

    env.process(world())
    env.run(until=env.process(agent()))
    return misfires


def against_loops(episodes: int = 4000) -> None:
    """Print how many times as long each loop takes as the compiled engine, in CPU time."""
    print("loops written by hand that count misfires, against the compiled engine that measures everything")
    for volatility in (0.001, 0.0316, 0.422):
        one = condition("telegraph", "plan-once", {"volatility": volatility, "horizon": HORIZON})
        run_batch([SeedRange(0, one, 10**6, 1, "compiled")])
        ours = _cpu(partial(run_batch, [SeedRange(0, one, 0, episodes, "compiled")]))
        for name, loop in (("a SimPy loop", with_simpy), ("a plain Python loop", plain)):
            took = _cpu(partial(_each, loop, volatility, episodes))
            line(f"{name}, volatility {volatility} (aim: above 1)", f"{took / ours:6.1f} ×")


def _each(loop: Callable[[float, int], int], volatility: float, episodes: int) -> int:
    return sum(loop(volatility, seed) for seed in range(episodes))


def _cpu(what: Callable[[], object]) -> float:
    began = time.process_time()
    what()
    return time.process_time() - began
