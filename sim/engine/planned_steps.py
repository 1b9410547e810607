"""The steps of one scene's plans, each created only once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plandrift.sim.companions.planning import Planning
from plandrift.sim.interfaces.world import Scene
from plandrift.sim.terms.calls import Call, Step, Value
from plandrift.sim.terms.dependencies import Dependencies


class Steps:
    """The steps of one scene: one object per call, however often the call is planned."""

    __slots__ = ("_last", "_made", "_placed", "_planning", "_scene")

    def __init__(self, scene: Scene, planning: Planning) -> None:
        self._scene, self._planning = scene, planning
        self._made: dict[Call, Step] = {}
        self._placed: dict[tuple[Call, frozenset[Any], frozenset[Any]], Step] = {}
        self._last: Dependencies | None = None

    def depend(self, steps: tuple[Step, ...]) -> Dependencies:
        """Return the dependencies of these steps, derived from the previous plan's where they are alike."""
        last = self._last
        if last is not None and last.steps == steps:
            return last
        found = last.exchanged(steps) if last is not None else None
        if found is None:
            found = Dependencies(steps, self._scene.goals)
        self._last = found
        return found

    def forget(self) -> None:
        """Forget the dependencies of the previous plan, because the goals have changed."""
        self._last = None

    def planned(self, calls: Sequence[Call], belief: Mapping[str, Value]) -> tuple[Step, ...]:
        """Return the steps of a plan that makes these calls from this belief; equal steps are one object."""
        own = self._planning.steps(calls, belief)
        if own is None:
            return tuple([self[call] for call in calls])
        return tuple([self._placed.setdefault(_content(step), step) for step in own])

    def __getitem__(self, call: Call) -> Step:
        """Return the step that makes this call."""
        step = self._made.get(call)
        if step is None:
            scene = self._scene
            step = self._made[call] = Step(call, scene.requires(call), scene.effects(call))
        return step


def _content(step: Step) -> tuple[Call, frozenset[Any], frozenset[Any]]:
    return step.call, frozenset(step.requires.items()), frozenset(step.writes.items())
