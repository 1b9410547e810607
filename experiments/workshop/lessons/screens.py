"""What stands on the screen in each lesson: the same figures for the notebooks and for the printed pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from experiments.statistics.intervals import Interval
from experiments.workshop.assessment import Offer
from experiments.workshop.cached_runs import Values, difference, interval
from experiments.workshop.drawing import Differences, Lines
from experiments.workshop.lessons.runs import (
    DELAYS,
    FIDELITIES,
    HALVES,
    PACES,
    REQUIRES,
    THINKING,
    VOLATILITIES,
    GateSwitches,
    by_step,
    by_step_in_theory,
    gates,
    handoffs,
    thinking,
)
from experiments.workshop.lessons.runs import halves as halves_of


def step_by_step(volatility: float, requires: int, seeds: int) -> Lines:
    """Lesson 2: how likely each step of the plan is wrong, with the closed form."""
    things = "one thing" if requires == 1 else f"{requires} things"
    return Lines(
        tuple(("measured", float(i), one) for i, one in enumerate(by_step(volatility, requires, seeds))),
        "How likely is step i wrong?",
        "step",
        "misfire_rate",
        f"volatility {volatility:g}, each step rests on {things}; the thin line is the closed form",
        (("measured", tuple(by_step_in_theory(volatility, requires))),),
    )


def storm(found: Mapping[str, Sequence[Values]], metric: str) -> Lines:
    """Lesson 3: what gets done, or what goes wrong, against the thinking time."""
    title = {"goals_met": "What gets done?", "misfires": "What goes wrong?"}[metric]
    return Lines(_points(found, THINKING, metric), title, "agent.thinking_time", metric)


def halves(found: Sequence[Values]) -> Differences:
    """Lesson 4: what each half of the gate catches, and both."""
    rows = [(name, difference(one, found[0], "misfires")) for name, one in zip(HALVES, found, strict=True)]
    heading = "Misfires per episode, against no gate"
    return Differences(tuple(rows[1:]), "What does each half catch?", heading, "fewer", "more")


def own_gate(own: Values, bare: Values, plain: Values) -> Differences:
    """Lesson 4: a gate of one's own against none, and against both halves as they come."""
    rows = (
        ("yours, against no gate", difference(own, bare, "misfires")),
        ("yours, against both halves as above", difference(own, plain, "misfires")),
    )
    return Differences(rows, "What does your gate change?", "Misfires per episode", "fewer", "more")


def beforehand(seeds: int) -> Iterator[Lines | Differences]:
    """Every screen that the controls of lessons 2 to 5 can ask for at this number of episodes."""
    yield step_by_step(0.05, 1, seeds)
    yield from (storm(thinking(0.05, seeds), metric) for metric in ("goals_met", "misfires"))
    yield halves(halves_of(seeds))
    yield from (teams(handoffs(delay, seeds)) for delay in DELAYS)
    yield from (step_by_step(volatility, 1, seeds) for volatility in VOLATILITIES)
    yield from (step_by_step(0.05, requires, seeds) for requires in REQUIRES)
    bare, plain = gates([GateSwitches(), GateSwitches(True, True)], seeds)
    for switches in product((True, False), repeat=5):
        yield own_gate(gates([GateSwitches(*switches)], seeds)[0], bare, plain)
    for pace in PACES:
        found = thinking(pace, seeds)
        yield from (storm(found, metric) for metric in ("goals_met", "misfires"))


def teams(found: Mapping[str, Sequence[Values]]) -> Lines:
    """Lesson 5: the misfire rate against the fidelity of the hand-off."""
    return Lines(
        _points(found, FIDELITIES, "misfire_rate"), "Whose calls misfire?", "handoff.fidelity", "misfire_rate"
    )


def savings(made: Sequence[Offer]) -> Differences:
    """Lesson 6: what each guard saves."""
    # Less is better, as in every figure of differences.
    rows = tuple(
        (offer.guard, Interval(-offer.saved.mean, -offer.saved.high, -offer.saved.low, offer.saved.n))
        for offer in made[1:]
    )
    heading = "Seconds of cost per episode, against planning once"
    return Differences(rows, "What does each guard save?", heading, "saves", "costs more")


def _points(
    found: Mapping[str, Sequence[Values]], at: Sequence[float], metric: str
) -> tuple[tuple[str, float, Interval], ...]:
    return tuple(
        (name, x, interval(values, metric))
        for name, several in found.items()
        for x, values in zip(at, several, strict=True)
    )
