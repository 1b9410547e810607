"""A scene in arrays: what a compiled engine needs of a world whose plans and answers are numbers."""

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

NONE = -1
"""No fluent, or no value."""

JUMP, COUNT, COIN = range(3)
"""How an exogenous event moves a fluent from where the events before it left it: to one of the others of so
many values; one on; to one of two values, whatever it was."""
VOID, REJECTED, HARMFUL = range(3)
"""How the world answers a call with a violated need: harmful if one of them is, void only if all are."""


@dataclass(frozen=True, eq=False)
class ArrayScene:
    """One episode of a world in numbers. Every value of a fluent has a code, a whole number of at least 0.

    There are n jobs. Each is one call that writes one fluent, which no other call writes; these fluents are
    the goals, and there are no others. A plan has, in order, the jobs that the belief does not show done. A
    job needs up to k fluents.

    Attributes:
        fluents: the names, in the order of `Scene.first`.
        first: the code that each holds at first.
        writes: of each job, the place of the fluent that it writes.
        done: the code that it writes there, which is the goal's.
        needs: (n, k), the places of the fluents that it needs, in the order of `Scene.requires`; `NONE` for
            no more.
        values: (n, k), the codes that these must hold; `NONE` for whatever the plan has read.
        natures: (n, k), one of `VOID`, `REJECTED`, `HARMFUL`. A call whose job is done already is a repeat,
            or harmful where that is its nature.
        lossy: (n, k), whether a hand-off can lose it (`Scene.sources`).
        moving: the places of the fluents that move by themselves.
        weights: how often each of these does, as `plandrift.sim.settings.exogenous.blocks` takes it.
        rules: of each of these, (rule, a, b): `JUMP` among a values, `COUNT`, or `COIN`: a or b.
        rate: mean changes of a fluent of weight 1 per unit of time.
        siblings: among how many values a job's first need has another in a call made by mistake
            (`Scene.confusable`).
        next_sibling: whether that is the next value alone, rather than any other.
        sides: (m, 2), the fluents one of which a call changes besides (`Scene.side_effects`), and among how
            many values.
        call: the call of a job, from its place and the codes of what it reads.
        action: of all calls.

    >>> from plandrift import Streams
    >>> from plandrift.worlds import Telegraph
    >>> arrays = ArrayForm.of(Telegraph(steps=2).begin(Streams(7), horizon=60.0)).array_scene()
    >>> arrays.fluents, arrays.first.tolist(), arrays.writes.tolist()
    (('wire-0', 'wire-1', 'done-0', 'done-1'), [1, 0, 0, 0], [2, 3])
    >>> str(arrays.call(1, [0]))
    'step(number=1, reads=(0,))'
    """

    fluents: tuple[str, ...]
    first: Whole
    writes: Whole
    done: Whole
    needs: Whole
    values: Whole
    natures: Whole
    lossy: Whole
    moving: Whole
    weights: Sequence[float]
    rules: Whole
    rate: float
    siblings: int
    next_sibling: bool
    sides: Whole
    call: Callable[[int, Sequence[int]], Call]
    action: str


class ArrayForm(Companion):
    """A scene for the compiled engine; how one is given to a scene, `Companion` says.

    >>> from plandrift import Streams
    >>> from plandrift.worlds import Tickets
    >>> ArrayForm.of(Tickets().begin(Streams(7), horizon=60.0)).array_scene() is None
    True
    """

    def array_scene(self) -> ArrayScene | None:
        """The scene in numbers; None, as here, where it cannot be written so."""
        return None
