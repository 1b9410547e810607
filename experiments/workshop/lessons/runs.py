"""The runs of each lesson: one function per lesson, and the settings that its controls offer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from plandrift.experiments.playback.flagship import with_latency
from plandrift.experiments.statistics.intervals import Interval, share_interval
from plandrift.experiments.statistics.theory import any_differs
from plandrift.experiments.sweeps.condition import Condition, condition
from plandrift.experiments.workshop.cached_runs import CACHE, Values, interval, measure
from plandrift.sim import Episode, StepRecord

LATENCIES = (0.0, 0.25, 0.5, 1.0, 2.0)

VALUES, LONG = 5, 30
VOLATILITIES = (0.01, 0.02, 0.05, 0.1, 0.2)
REQUIRES = (1, 2, 3, 5)

THINKING = (0.0, 0.25, 0.5, 1.0, 2.0)
PACES = (0.01, 0.02, 0.05, 0.1)

GUARD_WORLD = {
    "volatility": 0.05,
    "agent.read_latency": 0.2,
    "agent.prepare_time": 0.3,
    "horizon": 100.0,
}
"""Lesson 4: a changing world, a queue before the fire, and a read that takes a fifth of a step."""
RUNGS = {
    "no guard": "plan-once",
    "looks at its belief": "gate-only",
    "looks at the world": "look-first",
    "the world checks": "if-match",
}
"""Lesson 4: the ladder of guards, with the lesson's words for each policy."""

FIDELITIES = (1.0, 0.9, 0.7, 0.5, 0.2)
DELAYS = (0.0, 1.0, 3.0)

CREWS = (1, 2, 4, 8, 16)
CREW_EPISODES = 12
"""Lesson 7: crews take longer to run than agents alone, and fewer episodes decide where their peak is."""
LOCKS, CHECK, REPAIRED = "locks", "a check", ", repaired"
WAYS: dict[str, dict[str, Any]] = {
    "no guard": {"policy": "plan-once"},
    LOCKS: {"policy": "if-match", "crew.coordination": "plan-lock"},
    CHECK: {"policy": "if-match"},
    CHECK + REPAIRED: {"policy": "if-match", "crew.repair": "part"},
}
"""Lesson 7: how the agents keep out of each other's way."""
PLANNING, ENTRIES = (1.0, 5.0, 20.0), (50, 200, 1000)
"""Lesson 7: the thinking times and sizes of the book that its controls offer."""


def one_episode(latency: float) -> Episode:
    """Return lesson 1's episode with its trace: the flagship, by an agent that checks what it has heard."""
    return with_latency("gated", latency)


def first_wrong(episode: Episode) -> StepRecord | None:
    """Return the first step that was fired although one of its requirements no longer held."""
    return next((step for step in episode.steps if step.misfire), None)


def misfires_by_step(one: Condition, seeds: int) -> tuple[int, ...]:
    """Return how many episodes misfired at each position in the plan."""
    counts = [0] * LONG
    for seed in range(seeds):
        for step in one.run(seed).steps:
            counts[step.step] += step.misfire
    return tuple(counts)


def by_step(volatility: float, requires: int, seeds: int) -> list[Interval]:
    """Lesson 2: return the misfire rate at each step of a plan that is executed without changes."""
    settings = {
        "volatility": volatility,
        "world.values": VALUES,
        "world.steps": LONG,
        "world.requires": requires,
        "horizon": 2.0 * LONG,
    }
    counts = CACHE.ask(misfires_by_step, condition("telegraph", "plan-once", settings), seeds).result()
    return [share_interval(count, seeds) for count in counts]


def by_step_in_theory(volatility: float, requires: int) -> list[tuple[float, float]]:
    """Return P_k at the age of each step, counted from 1, with one unit of time per step."""
    return [(float(i + 1), any_differs(float(i), volatility, VALUES, requires)) for i in range(LONG)]


def half_life(shares: list[float]) -> int | None:
    """Return the first step, counted from 1, that is as likely wrong as right; None if there is none."""
    return next((i for i, share in enumerate(shares, 1) if share >= 0.5), None)


def thinking(volatility: float, seeds: int) -> dict[str, list[Values]]:
    """Lesson 3: run plan-once and replan-each over the thinking time."""
    base = {"volatility": volatility, "channel.latency": 1.0, "horizon": 60.0}
    return _side_by_side(
        {
            policy: [condition("records", policy, base | {"agent.thinking_time": t}) for t in THINKING]
            for policy in ("plan-once", "replan-each")
        },
        seeds,
    )


def ladder(seeds: int) -> dict[str, list[Values]]:
    """Lesson 4: run each rung of the ladder of guards over the observation latency."""
    return _side_by_side(
        {
            name: [
                condition("records", policy, GUARD_WORLD | {"channel.latency": late}) for late in LATENCIES
            ]
            for name, policy in RUNGS.items()
        },
        seeds,
    )


TEAMS: dict[str, dict[str, Any]] = {
    "one agent": {"agent.minds": 1},
    "two agents": {"agent.minds": 2, "handoff.mode": "summary"},
    "two agents, read back": {"agent.minds": 2, "handoff.mode": "summary", "policy.reconcile": True},
}
"""Lesson 5: who plans and who executes."""


def handoffs(delay: float, seeds: int) -> dict[str, list[Values]]:
    """Lesson 5: run failures over the fidelity of the hand-off, by who plans and who executes."""
    base = {"volatility": 0.02, "channel.latency": 1.0, "horizon": 100.0}

    def of(team: dict[str, Any], q: float) -> Condition:
        handoff = {"handoff.delay": delay, "handoff.fidelity": q} if team["agent.minds"] == 2 else {}
        return condition("records", "event-driven", base | team | handoff)

    return _side_by_side({name: [of(team, q) for q in FIDELITIES] for name, team in TEAMS.items()}, seeds)


def crews(thinking_time: float, entries: int, seeds: int) -> dict[str, list[Values]]:
    """Lesson 7: run each way to work together over the number of agents."""
    base = {
        "volatility": 0.0,
        "world.tasks": 24,
        "world.steps": 5,
        "world.shared": entries,
        "agent.thinking_time": f"exponential({thinking_time:g})",
        "agent.step_duration": "exponential(1)",
        "horizon": 5000.0,
    }
    return _side_by_side(
        {
            name: [
                condition("ledger", way["policy"], base | _settings(way) | {"crew.agents": agents})
                for agents in CREWS
            ]
            for name, way in WAYS.items()
        },
        min(seeds, CREW_EPISODES),
    )


def _settings(way: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in way.items() if name != "policy"}


def peak(found: Sequence[Values]) -> int:
    """Return the number of agents with the highest mean speedup."""
    return max(zip(CREWS, found, strict=True), key=lambda one: interval(one[1], "speedup").mean)[0]


def _side_by_side(wanted: dict[str, list[Condition]], seeds: int) -> dict[str, list[Values]]:
    """Run several named lists of conditions, all measured at once."""
    found = iter(measure([one for line in wanted.values() for one in line], seeds))
    return {name: list(islice(found, len(line))) for name, line in wanted.items()}
