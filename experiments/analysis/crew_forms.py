"""What is known exactly of crews (docs/model/crew.md), at chosen settings."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial
from typing import Any

from plandrift.experiments.analysis.closed_form import ClosedForm
from plandrift.experiments.sweeps.condition import condition
from plandrift.sim import Episode
from plandrift.sim.trace.crew_events import TaskEnded, Validated

ROUNDS, SKIPPED = 20, 3
"""How many rounds of tasks are measured, and how many before them are left out."""


def crew_forms() -> Iterable[ClosedForm]:
    """Yield every form that is known of crews."""
    yield from _serial()
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


def _serial() -> Iterable[ClosedForm]:
    for agents, tasks, steps, thinking, look in ((4, 9, 3, 2.0, 0.0), (3, 6, 2, 0.5, 0.4)):
        settings = _settings(agents, "serial", tasks=tasks, steps=steps)
        settings |= {"agent.thinking_time": thinking, "agent.read_latency": look, "horizon": 1000.0}
        expected = tasks * (thinking + steps) + (tasks - 1) * look
        yield ClosedForm(
            "serial M(P+S·d), a read for each turn",
            f"N={agents} M={tasks} S={steps} P={thinking} R={look}",
            expected,
            condition("ledger", "plan-once", settings),
            lambda episode: episode.metrics.duration,
        )


def _merge_queue() -> Iterable[ClosedForm]:
    for agents, shared, steps, k, thinking, rate in ((4, 400, 4, 2, 2.0, 0.0), (2, 100, 3, 1, 3.0, 0.002)):
        span = thinking + steps
        settings = _settings(
            agents, "merge-queue", tasks=25 * agents, steps=steps, requires=k, shared=shared, distinct=True
        )
        settings |= {
            "agent.thinking_time": thinking,
            "crew.spread": span,
            "volatility": rate,
            "horizon": (SKIPPED + ROUNDS) * span,
        }
        survives = math.exp(-steps * k * rate * span)
        yield ClosedForm(
            "merge queue q = (1−c·q)^(N−1) e^(−S·k·λ·T)",
            f"N={agents} D={shared} S={steps} k={k} P={thinking} λ={rate}",
            merge_success(agents, overlap(shared, steps, steps * k), survives),
            condition("ledger", "plan-once", settings),
            partial(_merged, SKIPPED * span),
            trace=True,
        )


def _models() -> Iterable[ClosedForm]:
    for agents, models, thinking, acting in ((6, 2, 2.0, 3.0), (4, 1, 1.0, 4.0)):
        settings = _settings(agents, "none", tasks=400, steps=1, requires=1, shared=100)
        settings |= {
            "crew.models": models,
            "agent.thinking_time": f"exponential({thinking})",
            "agent.step_duration": f"exponential({acting})",
            "horizon": 260.0,
        }
        yield ClosedForm(
            "models: the machine-repair queue M/M/m//N",
            f"N={agents} m={models} P={thinking} d={acting}",
            repair_shop(agents, models, thinking, acting),
            condition("ledger", "plan-once", settings),
            partial(_throughput, 60.0),
            trace=True,
        )


def _merged(after: float, episode: Episode) -> float:
    """Return the share of private copies that were merged, after this time."""
    checks = [
        not event.conflicts for event in episode.trace if isinstance(event, Validated) and event.t > after
    ]
    return sum(checks) / len(checks)


def _throughput(after: float, episode: Episode) -> float:
    """Return the tasks per time after this time."""
    ends = [event for event in episode.trace if isinstance(event, TaskEnded) and event.t > after]
    return len(ends) / (episode.metrics.duration - after)


def _settings(agents: int, coordination: str, **world: Any) -> dict[str, Any]:
    crew = {"crew.agents": agents, "crew.coordination": coordination, "volatility": 0.0}
    return crew | {f"world.{name}": value for name, value in world.items()}
