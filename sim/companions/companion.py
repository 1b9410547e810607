"""Companions: what a world says beside its scene to people, agents, its planner and a compiled engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, Self


class Accompanied(Protocol):
    """What has companions: a `Scene`."""

    @property
    def companions(self) -> Sequence[type[Companion]]:
        """Their classes."""


class Companion:
    """What a world says beside its scene. No world needs one: whatever is not said has a default.

    There are three kinds: `Description`, `Planning` and `ArrayForm`. Write a subclass of one with the methods
    that are to answer otherwise, and name it in the scene's `companions`. A companion has the scene of
    its episode in `self.scene`, and holds nothing that moves.

    Attributes:
        scene: of which it speaks; a subclass may say of which class that is (``scene: Corridor``).

    Example (a door that speaks of itself, and plans as any world does):

    >>> from plandrift import Call, Description, Scene
    >>> from plandrift.sim import Planning
    >>> class InWords(Description):
    ...     def change(self, fluent, before, after):
    ...         return f"somebody leaves the {fluent} {after}"
    >>> class Door(Scene):
    ...     companions = (InWords,)
    ...     first, goals = {"door": "open", "in": False}, {"in": True}
    ...     def changes(self):
    ...         yield 2.0, "door", "shut"
    ...     def requires(self, call):
    ...         return {"door": "open"}
    ...     def effects(self, call):
    ...         return {"in": True}
    ...     def plan(self, belief):
    ...         return [] if belief["in"] else [Call("enter")]

    Whoever asks, asks the class of the kind for the companion of a scene:

    >>> words, door = Description.of(Door()), Door()
    >>> words.change("door", "open", "shut"), words.call(Call("enter"))
    ('somebody leaves the door shut', 'calls enter()')
    >>> Planning.of(door).repair(door.first, [])
    [Call(action='enter', args=())]
    """

    def __init__(self, scene: Any) -> None:
        self.scene = scene

    @classmethod
    def of(cls, scene: Accompanied) -> Self:
        """The scene's companion of this kind: the first that it names, or one that answers by default."""
        for named in scene.companions:
            if issubclass(named, cls):
                return named(scene)
        return cls(scene)
