"""The figures of several agents together, computed by the same declarations as those of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from plandrift.sim.measure.crew_figures import CrewFigures
from plandrift.sim.measure.metrics import Measured
from plandrift.sim.measure.tracked_plan import Tallies, TrackedPlan
from plandrift.sim.terms.calls import Value
from plandrift.sim.terms.fluents import Truth

NAN = float("nan")


class SumOfMeters:
    """The integrals of several agents, added up."""

    def __init__(self, plans: Sequence[TrackedPlan]) -> None:
        self._plans = plans
        self.held = sum([plan.meter.held for plan in plans])

    def average(self, place: int) -> float:
        """Return the average of a figure over the time in which each agent held a plan with steps left."""
        return self._over([plan.meter.average(place) for plan in self._plans])

    @property
    def plan_age(self) -> float:
        """The average age of the plans."""
        return self._over([plan.meter.plan_age for plan in self._plans])

    @property
    def opportunity(self) -> float:
        """The opportunity staleness."""
        return self._over([plan.meter.opportunity for plan in self._plans])

    def _over(self, averages: Sequence[float]) -> float:
        if len(averages) == 1:
            return averages[0]
        held = [(plan.meter.held, one) for plan, one in zip(self._plans, averages, strict=True)]
        return sum([time * one for time, one in held if time]) / self.held if self.held else NAN


class SumOfPlans:
    """Several tracked plans as one, for `Measured`."""

    def __init__(self, plans: Sequence[TrackedPlan], goals: Mapping[str, Value], truth: Truth) -> None:
        self.goals, self.truth = goals, truth
        self.meter = SumOfMeters(plans)
        self.records = sorted([r for plan in plans for r in plan.records], key=lambda record: record.time)
        self.tallies = Tallies(
            *[sum([getattr(plan.tallies, field.name) for plan in plans]) for field in fields(Tallies)]
        )
        held = [plan.meter.held for plan in plans]
        self.belief_age = _MeanOfPlans([plan.belief_age.average for plan in plans], held)
        self.history = _SumOfHistories(plans)


class _MeanOfPlans:
    def __init__(self, values: Sequence[float], weights: Sequence[float]) -> None:
        known = [(v, w) for v, w in zip(values, weights, strict=True) if v == v]
        weight = sum([w for _, w in known])
        self.average = NAN if not weight else sum([v * w for v, w in known]) / weight
        if len(values) == 1:
            self.average = values[0]


class _SumOfHistories:
    def __init__(self, plans: Sequence[TrackedPlan]) -> None:
        self.replans = sum([plan.history.replans for plan in plans])
        self.storms = sum([plan.history.storms for plan in plans])
        distances = [plan.history.distance for plan in plans]
        self.distance = _MeanOfPlans(distances, [float(plan.history.replans) for plan in plans]).average


def measured_of(
    plans: Sequence[TrackedPlan],
    goals: Mapping[str, Value],
    truth: Truth,
    crew: CrewFigures,
    **more: Any,
) -> Measured:
    """Return the data from which the figures of these agents are computed.

    Args:
        plans: their tracked plans.
        goals: the goals of their tasks.
        truth: the shared truth.
        crew: their figures as members of a crew.
        **more: the other arguments of `Measured`.
    """
    tracked: Any = SumOfPlans(plans, goals, truth)
    return Measured(tracked=tracked, opportunity=tracked.meter.opportunity, crew=crew, **more)
