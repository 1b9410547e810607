"""Planning: milliseconds per replan by domain and size, cache hits, and episodes per second."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import numpy as np

from plandrift.experiments.bench.timing import line
from plandrift.policies import gated
from plandrift.sim import run
from plandrift.sim.measure.dependency_graph import dependency_graph, stale_in_graph
from plandrift.sim.terms.calls import Step
from plandrift.worlds import WORLDS

DOMAINS = ("ferry", "stacking", "deliveries", "rovers", "visits")
SIZES = range(1, 6)
STATES = 60
BUDGET = 5000
DRIFTS = 250


def _pddl(**settings: Any) -> Any:
    # Imported by name, because the PDDL world is a package that may be absent.
    return WORLDS["pddl"](**settings)


def replans() -> None:
    """Print the median and the ninth decile of a search from states that others have brought about."""
    print(
        "milliseconds per replan without the cache (median, 90 %), by size, with the number of ground actions"
    )
    for name in DOMAINS:
        cells = []
        for size in SIZES:
            grounded = _pddl(domain=name, size=size).grounded(0)
            spans = sorted(_spans(grounded))
            middle, late = 1000 * median(spans), 1000 * spans[int(0.9 * len(spans))]
            cells.append(f"{middle:6.2f} {late:6.2f} ({len(grounded.task.actions)})")
        print(f"  {name:<12}" + "".join(f"{cell:>22}" for cell in cells), flush=True)


def _spans(grounded: Any) -> list[float]:
    random = np.random.default_rng(1)
    task, state, spans = grounded.task, grounded.task.init, []
    for mark in random.random(STATES).tolist():
        began = time.perf_counter()
        grounded.search.plan(state, task.goal, BUDGET)
        spans.append(time.perf_counter() - began)
        action = task.drawn(state, mark)
        state = action.after(state) if action else state
    return spans


def saved() -> None:
    """Print how often a stale step does not fail when the rest is run with failed steps skipped.

    Staleness errs on the safe side: another producer of what the step needs may save it.
    """
    print(
        "of the stale steps of a plan, after 1 to 8 actions of others, the share that did not fail when run"
    )
    for name in DOMAINS:
        stale_steps = failed_steps = 0
        for number in range(4):
            grounded = _pddl(domain=name, size=2).grounded(number)
            task = grounded.task
            plan = grounded.search.plan(task.init, task.goal, BUDGET).actions or ()
            steps = [
                Step(a.call, task.values(a.needs, a.forbids), task.values(a.adds, a.deletes)) for a in plan
            ]
            graph = dependency_graph(steps, task.values(task.goal.needs, task.goal.forbids))
            random = np.random.default_rng(number)
            for _ in range(DRIFTS):
                state = task.init
                for mark in random.random(int(random.integers(1, 9))).tolist():
                    action = task.drawn(state, mark)
                    state = action.after(state) if action else state
                values = {fact: bool(state & bit) for fact, bit in task.places.items()}
                stale_steps += len(stale_in_graph(graph, set(), values)[1] & set(range(len(plan))))
                for action in plan:
                    applies = action.applies(state)
                    state = action.after(state) if applies else state
                    failed_steps += not applies
        line(name, f"{1 - failed_steps / stale_steps:.1%} of {stale_steps}")


def episodes() -> None:
    """Time episodes of ten problems of one size per domain, and count the plans found in the cache."""
    print(
        "episodes of gated at size 3, volatility 0.02: per second, and the share of plans found in the cache"
    )
    for name in DOMAINS:
        world = _pddl(volatility=0.02, domain=name, size=3)
        for number in range(10):
            world.grounded(number).plans.clear()
        began = time.perf_counter()
        asked = 0
        for seed in range(100):
            asked += 1 + run(world, gated(), seed=seed, latency=0.5, horizon=60.0).metrics.replans
        spent = time.perf_counter() - began
        made = sum(len(world.grounded(number).plans) for number in range(10))
        line(f"{name}", f"{100 / spent:.0f} per second, {1 - made / asked:.0%} in the cache")
