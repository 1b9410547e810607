"""Opportunity: a plan that would still work, but is no longer the one that the planner would choose."""

from __future__ import annotations

from sim.intention import Intention
from sim.picture import Picture
from sim.world import Scene


class Opportunity:
    """The time in which the plan in hand is valid and not what the planner would choose.

    Attributes:
        time: of that, so far.
    """

    __slots__ = ("_missed", "_scene", "_stale", "_truth", "time")

    def __init__(self, scene: Scene, truth: Picture) -> None:
        self._scene, self._truth = scene, truth
        self._stale, self._missed = True, False
        self.time = 0.0

    def moved(self) -> None:
        """The world or the plan has changed."""
        self._stale = True

    def add(self, intention: Intention, span: float) -> None:
        """Count a stretch of time in which nothing changed."""
        if self._stale:
            self._missed, self._stale = self._better(intention), False
        if self._missed:
            self.time += span

    def _better(self, intention: Intention) -> bool:
        truth = intention.truth
        if truth.direct:
            return False
        rest = [step.call for i, step in enumerate(intention.plan.steps) if truth.unfired >> i & 1]
        choice = self._scene.plan(self._truth.values)
        if choice is None:
            return False
        # The effect of a call under way is not yet in the world: to make it first is no other choice.
        flying = intention.in_flight
        ahead = [] if flying is None else [intention.plan.steps[flying].call]
        return list(choice) not in (rest, ahead + rest)
