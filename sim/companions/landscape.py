"""How a world that has places is drawn: what stands where, and how calls and fluents look there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from plandrift.sim.terms.calls import Call, Value

Look = Literal["wall", "place", "way", "shut", "slow", "thing", "agent"]


class Mark(NamedTuple):
    """Something drawn at a place.

    Attributes:
        x: to the right, in units about as wide as a thing.
        y: downwards, in the same units.
        look: ``wall`` and ``place`` stand, ``way`` is a line that can be gone, ``shut`` one that
            cannot, ``slow`` one that takes longer; ``thing`` and ``agent`` are what moves.
        text: what is written in it.
        to: where a line ends; None for what is no line.

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
    """A world drawn as a map: `Description.landscape` gives one.

    Attributes:
        ground: what never changes.
        fluent: how a fluent that holds a value is drawn; None where nothing is to be seen.
        call: where a call is made: a line from where it begins to where it ends, or a mark.

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
    """A world drawn as a tree: things of which one hangs on another, such as files that import files.

    Attributes:
        on: for each thing the one on which it hangs, as their fluents name them before the dot; what
            hangs on nothing is not named.

    >>> Hierarchy({"orders": "billing"}).on["orders"]
    'billing'
    """

    on: Mapping[str, str]
