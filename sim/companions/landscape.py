"""How to draw a world as a map or as a tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from plandrift.sim.terms.calls import Call, Value

Look = Literal["wall", "place", "way", "shut", "slow", "thing", "agent"]


class Mark(NamedTuple):
    """A mark drawn at a point of a map.

    Attributes:
        x: the distance to the right, in units about as wide as one thing.
        y: the distance downwards, in the same units.
        look: ``wall`` and ``place`` do not move; ``way`` is a line that can be travelled, ``shut`` one that
            cannot, ``slow`` one that takes longer; ``thing`` and ``agent`` move.
        text: its label.
        to: where a line ends; None if it is not a line.

    >>> Mark(2, 3, "thing", "7").to is None
    True
    """

    x: float
    y: float
    look: Look
    text: str = ""
    to: tuple[float, float] | None = None


@dataclass(frozen=True)
class Landscape:
    """A world drawn as a map; `Description.landscape` returns one.

    Attributes:
        ground: the marks that never change.
        fluent: returns the mark of a fluent with a given value, or None if nothing is drawn.
        call: returns the mark of a call: a line from where it begins to where it ends, or a point.

    >>> def hole(fluent, value):
    ...     return None if value is None else Mark(*value, "thing")
    >>> there = Landscape((Mark(0, 0, "wall"),), hole, lambda call: Mark(*call.arg("start"), "way"))
    >>> there.fluent("hole-0", (4, 2)).x, there.fluent("hole-0", None)
    (4, None)
    """

    ground: tuple[Mark, ...]
    fluent: Callable[[str, Value], Mark | None]
    call: Callable[[Call], Mark | None]


@dataclass(frozen=True)
class Hierarchy:
    """A world drawn as a tree of things that depend on each other, such as files that import files.

    Attributes:
        on: for each thing, the one it depends on; a thing's name is the part of its fluents' names before
            the dot, and things that depend on nothing are left out.

    >>> Hierarchy({"orders": "billing"}).on["orders"]
    'billing'
    """

    on: Mapping[str, str]
