"""A scene as arrays of numbers: what the compiled engine needs to know of a world."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from plandrift.sim.companions.companion import Companion
from plandrift.sim.terms.calls import Call

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Whole: TypeAlias = "NDArray[np.int64]"
Drawn: TypeAlias = "Sequence[tuple[Whole, int]]"

NONE = -1
"""Stands for no fluent, or no value."""

JUMP, COUNT, COIN = range(3)
"""How an exogenous event moves a fluent: to another of its values (`JUMP`), up by one (`COUNT`), or to one of
two values, whatever it was before (`COIN`)."""
VOID, REJECTED, HARMFUL = range(3)
"""How the world answers a call with violated needs: harmful if any of them is, void only if all are."""


@dataclass(frozen=True, eq=False)
class ArrayScene:
    """A world's scenes in numbers, for every seed. Every value of a fluent has a code, a whole number from 0.

    There are n jobs. Each job is one call that writes one fluent, and no other call writes that fluent; these
    n fluents are the goals. A plan consists of the jobs that the belief does not show as done, in order. A
    job needs up to k fluents.

    Attributes:
        fluents: the names, in the order of `Scene.first`.
        first: the code of each fluent's first value, unless it is drawn.
        drawn: the first values drawn from the stream ``world``, in this order: the indexes of some fluents,
            and how many values each of them can have (`first_values`).
        linked: what share of the jobs after the first has for its last need the fluent of an earlier job,
            drawn from the same stream after the first values (`links`); 0 if nothing is drawn.
        writes: for each job, the index of the fluent that it writes.
        done: the code that it writes there, which is the goal's.
        needs: (n, k), the indexes of the fluents that it needs, in the order of `Scene.requires`, padded
            with `NONE`.
        values: (n, k), the codes that these must hold; `NONE` for whatever value the plan was made from.
        natures: (n, k), one of `VOID`, `REJECTED`, `HARMFUL`. A call whose job is already done is a repeat,
            or harmful if that is its nature.
        lossy: (n, k), whether a hand-off can lose the argument that holds it (`Scene.sources`).
        moving: the indexes of the fluents that change by themselves.
        weights: the relative rate of each of these, for `plandrift.sim.settings.exogenous.blocks`.
        spread: the shape of the gamma distribution by whose draws from the stream ``world.spread`` these are
            multiplied (`plandrift.worlds.uneven`); None if they are not.
        rules: for each of these, (rule, a, b): `JUMP` among a values, `COUNT`, or `COIN` between a and b.
        rate: mean changes per unit of time of a fluent with weight 1.
        siblings: how many values a job's first need can have; a call made by mistake has another of them
            (`Scene.confusable`).
        next_sibling: whether that is always the next value, rather than any other.
        sides: (m, 2), the fluents of which a call's side effect changes one (`Scene.side_effects`), each
            with its number of values.
        call: returns the call of a job, given its index and the codes of what it reads.
        action: the action of all calls.

    >>> from plandrift import Streams
    >>> from plandrift.worlds import Telegraph
    >>> arrays = ArrayForm.of(Telegraph(steps=2).begin(Streams(7), horizon=60.0)).array_scene()
    >>> arrays.fluents, arrays.first.tolist(), arrays.writes.tolist()
    (('wire-0', 'wire-1', 'done-0', 'done-1'), [0, 0, 0, 0], [2, 3])
    >>> [(fluents.tolist(), values) for fluents, values in arrays.drawn]
    [([0, 1], 2)]
    >>> str(arrays.call(1, [0]))
    'step(number=1, reads=(0,))'
    """

    fluents: tuple[str, ...]
    first: Whole
    drawn: Drawn
    linked: float
    writes: Whole
    done: Whole
    needs: Whole
    values: Whole
    natures: Whole
    lossy: Whole
    moving: Whole
    weights: Sequence[float]
    spread: float | None
    rules: Whole
    rate: float
    siblings: int
    next_sibling: bool
    sides: Whole
    call: Callable[[int, Sequence[int]], Call]
    action: str


def first_values(drawn: Drawn, random: np.random.Generator) -> list[list[int]]:
    """Draw the codes of a scene's first values, as `ArrayScene.drawn` says."""
    return [random.integers(values, size=len(fluents)).tolist() for fluents, values in drawn]


def links(linked: float, jobs: int, random: np.random.Generator) -> dict[int, int]:
    """Draw which jobs need which earlier one, as `ArrayScene.linked` says."""
    drawn = random.random((jobs, 2)).tolist()
    return {i: int(which * i) for i, (u, which) in enumerate(drawn) if i and u < linked}


class ArrayForm(Companion):
    """The companion that describes a scene to the compiled engine; see `Companion` for how to attach it.

    >>> from plandrift import Streams
    >>> from plandrift.worlds import Tickets
    >>> ArrayForm.of(Tickets().begin(Streams(7), horizon=60.0)).array_scene() is None
    True
    """

    def array_scene(self) -> ArrayScene | None:
        """Return the scene in numbers, the same for every seed; None, as here, if that cannot be done."""
        return None
