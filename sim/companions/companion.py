"""The base class of companions: what a world offers beyond its scene."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, Self


class Accompanied(Protocol):
    """Anything that has companions: a `Scene`."""

    @property
    def companions(self) -> Sequence[type[Companion]]:
        """The classes of the companions."""


class Companion:
    """An optional addition to a scene. No world needs one, because everything in it has a default.

    There are four kinds: `Description`, `Planning`, `Sharing` and `ArrayForm`. Subclass one of them, override
    the methods whose default does not suit you, and name the subclass in the scene's `companions`. It has the
    scene of its episode in `self.scene`, and must keep no state that changes.

    Attributes:
        scene: the scene it belongs to; a subclass may declare its class (``scene: Corridor``).

    Example (a door with a description of its own, and default planning):

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

    To get the companion of a scene, ask the class of that kind:

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
        """Return the scene's companion of this kind: the first that it names, or a default one."""
        for named in scene.companions:
            if issubclass(named, cls):
                return named(scene)
        return cls(scene)
