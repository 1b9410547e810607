"""What stands on the screen in each lesson: the same figures for the notebooks and for the printed pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from experiments.statistics import Interval
from experiments.workshop.drawing import Differences, Lines
from experiments.workshop.measuring import Values, difference, interval
from experiments.workshop.own import Offer
from experiments.workshop.rounds import FIDELITIES, HALVES, THINKING, by_step, by_step_in_theory


def step_by_step(volatility: float, requires: int, seeds: int) -> Lines:
    """Lesson 2: how likely each step of the plan is wrong, with the closed form."""
    things = "one thing" if requires == 1 else f"{requires} things"
    return Lines(
        tuple(("measured", float(i), one) for i, one in enumerate(by_step(volatility, requires, seeds))),
        "How likely is step i wrong?", "step", "misfire_rate",
        f"volatility {volatility:g}, each step rests on {things}; the thin line is the closed form",
        (("measured", tuple(by_step_in_theory(volatility, requires))),),
    )  # fmt: skip


def storm(found: Mapping[str, Sequence[Values]], metric: str) -> Lines:
    """Lesson 3: what gets done, or what goes wrong, against the thinking time."""
    title = {"goals_met": "What gets done?", "misfires": "What goes wrong?"}[metric]
    return Lines(_points(found, THINKING, metric), title, "agent.thinking_time", metric)


def halves(found: Sequence[Values]) -> Differences:
    """Lesson 4: what each half of the gate catches, and both."""
    rows = [(name, difference(one, found[0], "misfires")) for name, one in zip(HALVES, found, strict=True)]
    heading = "Misfires per episode, against no gate"
    return Differences(tuple(rows[1:]), "What does each half catch?", heading, "fewer", "more")


def teams(found: Mapping[str, Sequence[Values]]) -> Lines:
    """Lesson 5: the misfire rate against the fidelity of the hand-off."""
    return Lines(
        _points(found, FIDELITIES, "misfire_rate"), "Whose calls misfire?", "handoff.fidelity", "misfire_rate"
    )


def savings(made: Sequence[Offer]) -> Differences:
    """Lesson 6: what each guard saves."""
    rows = tuple((offer.guard, offer.saved) for offer in made[1:])
    heading = "Seconds saved per episode, against planning once"
    return Differences(rows, "What does each guard save?", heading, "costs more", "saves")


def _points(
    found: Mapping[str, Sequence[Values]], at: Sequence[float], metric: str
) -> tuple[tuple[str, float, Interval], ...]:
    return tuple(
        (name, x, interval(values, metric))
        for name, several in found.items()
        for x, values in zip(at, several, strict=True)
    )
