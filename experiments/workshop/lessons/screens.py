"""The figures on the screen in each lesson, the same for the notebooks and for the printed pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from plandrift.experiments.statistics.intervals import Interval
from plandrift.experiments.workshop.assessment import Offer
from plandrift.experiments.workshop.cached_runs import Values, interval
from plandrift.experiments.workshop.drawing import Crews, Differences, Lines, Screen
from plandrift.experiments.workshop.lessons.runs import (
    CREWS,
    DELAYS,
    FIDELITIES,
    LATENCIES,
    PACES,
    REPAIRED,
    REQUIRES,
    THINKING,
    VOLATILITIES,
    by_step,
    by_step_in_theory,
    crews,
    handoffs,
    thinking,
)
from plandrift.experiments.workshop.lessons.runs import ladder as ladder_of


def step_by_step(volatility: float, requires: int, seeds: int, guess: int | None = None) -> Lines:
    """Lesson 2: draw each step's probability of being wrong, the closed form and the guessed half-life."""
    things = "one thing" if requires == 1 else f"{requires} things"
    return Lines(
        tuple(("measured", float(i), one) for i, one in enumerate(by_step(volatility, requires, seeds), 1)),
        "How likely is step i to be wrong?",
        "step",
        "first_misfire_rate",
        f"volatility {volatility:g}, {things} per step; thin line: closed form",
        (("measured", tuple(by_step_in_theory(volatility, requires))),),
        None if guess is None else (float(guess), 0.5),
    )


STORM = {
    "replans": "How often does it plan?",
    "goals_met": "What gets done?",
    "first_misfires": "What goes wrong?",
}
"""Lesson 3: the metrics that can be shown for an agent that thinks, with their questions."""


def storm(found: Mapping[str, Sequence[Values]], metric: str, guess: float | None = None) -> Lines:
    """Lesson 3: draw a metric over the thinking time; the guess is for a thinking time of 1."""
    drawn = None if guess is None else (1.0, guess)
    return Lines(_points(found, THINKING, metric), STORM[metric], "agent.thinking_time", metric, guess=drawn)


LADDER = {
    "first_misfires": "How many calls go wrong?",
    "goals_met": "How much of the work gets done?",
    "duration": "What does it cost in time?",
}
"""Lesson 4: the metrics that can be shown for the ladder of guards, with their questions."""


def ladder(found: Mapping[str, Sequence[Values]], metric: str, guess: float | None = None) -> Lines:
    """Lesson 4: draw a metric of each guard over the observation latency.

    Args:
        found: for each rung, the measurements at each latency.
        metric: one of `LADDER`.
        guess: the guessed share of misfires that a look at the belief stops at a latency of 1.
    """
    drawn = None
    if guess is not None:
        drawn = 1.0, interval(found["no guard"][LATENCIES.index(1.0)], "first_misfires").mean * (1 - guess)
    points = _points(found, LATENCIES, metric)
    return Lines(points, LADDER[metric], "channel.latency", metric, guess=drawn)


def stopped(found: Mapping[str, Sequence[Values]], rung: str) -> float:
    """Return the share of the misfires that a guard stops when news is one unit of time late."""
    none, guarded = (
        interval(found[name][LATENCIES.index(1.0)], "first_misfires").mean for name in ("no guard", rung)
    )
    return 1 - guarded / none


def beforehand(seeds: int) -> Iterator[Screen]:
    """Yield every screen that the controls of lessons 2 to 5 can ask for at this number of episodes.

    Of lesson 7 only the first, because crews take long.
    """
    yield step_by_step(0.05, 1, seeds)
    yield from (storm(thinking(0.05, seeds), metric) for metric in STORM)
    yield from (ladder(ladder_of(seeds), metric) for metric in LADDER)
    yield from (teams(handoffs(delay, seeds)) for delay in DELAYS)
    yield from (step_by_step(volatility, 1, seeds) for volatility in VOLATILITIES)
    yield from (step_by_step(0.05, requires, seeds) for requires in REQUIRES)
    for pace in PACES:
        found = thinking(pace, seeds)
        yield from (storm(found, metric) for metric in STORM)
    yield crew(crews(1.0, 50, seeds))


def teams(found: Mapping[str, Sequence[Values]], guess: float | None = None) -> Lines:
    """Lesson 5: draw the misfire rate against the hand-off's fidelity, and the guess for half."""
    return Lines(
        _points(found, FIDELITIES, "misfire_rate"),
        "Whose calls misfire?",
        "handoff.fidelity",
        "misfire_rate",
        guess=None if guess is None else (0.5, guess),
    )


def savings(made: Sequence[Offer]) -> Differences:
    """Lesson 6: draw what each guard saves."""
    # Less is better, as in every figure of differences.
    rows = tuple(
        (offer.guard, Interval(-offer.saved.mean, -offer.saved.high, -offer.saved.low, offer.saved.n))
        for offer in made[1:]
    )
    heading = "Cost in seconds per episode, compared with planning once"
    return Differences(rows, "What does each guard save?", heading, "saves", "costs more")


def crew(
    found: Mapping[str, Sequence[Values]], ways: Sequence[str] = (), guess: float | None = None
) -> Crews:
    """Lesson 7: draw the speedup against the number of agents.

    Args:
        found: for each way to work together, the measurements of each crew.
        ways: those to draw; all if there are none.
        guess: the guessed best number of agents.
    """
    points = tuple(
        (name.removesuffix(REPAIRED), name.endswith(REPAIRED), float(agents), interval(values, "speedup"))
        for name, several in found.items()
        if not ways or name in ways
        for agents, values in zip(CREWS, several, strict=True)
    )
    return Crews(points, "How many agents are worth having?", guess)


def _points(
    found: Mapping[str, Sequence[Values]], at: Sequence[float], metric: str
) -> tuple[tuple[str, float, Interval], ...]:
    return tuple(
        (name, x, interval(values, metric))
        for name, several in found.items()
        for x, values in zip(at, several, strict=True)
    )
