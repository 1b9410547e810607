"""What each evidence of a step comes to, worked out by `sim.measure.causes` itself for all that can be."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from plandrift.experiments.twin import layout as at
from plandrift.sim.measure.causes import CAUSES, MAST, Evidence, Failure, failure_of

OUTCOMES = {
    at.VOID: "void",
    at.REJECTED: "rejected",
    at.HARMFUL: "harmful",
    at.EFFECTIVE: "effective",
    at.REPEAT: "repeat",
    at.REFUSED: "refused",
}
CODES = tuple(MAST)


def failure(seen: int) -> Failure | None:
    """The failure that the evidence shows, from the number that `executor` keeps of it."""
    outcome = OUTCOMES[seen >> 7 & 7]
    if outcome == "effective" and not seen >> 12 & 1:
        return None
    return failure_of(
        Evidence(
            outcome=outcome,
            planner_erred=bool(seen & 1),
            retried=bool(seen >> 1 & 1),
            own_doing=bool(seen >> 2 & 1),
            shown=bool(seen >> 3 & 1),
            silent=bool(seen >> 4 & 1),
            slipped=bool(seen >> 5 & 1),
            mistold=bool(seen >> 6 & 1),
            verified=(None, False, True)[seen >> 10 & 3],
        )
    )


@cache
def tables() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each evidence the place of its cause in `CAUSES`, `NONE` for none, and its MAST codes as a mask."""
    causes, codes = np.full(1 << 13, at.NONE), np.zeros(1 << 13, dtype=np.int64)
    for seen in range(1 << 13):
        if seen >> 7 & 7 in OUTCOMES and seen >> 10 & 3 < 3:
            found = failure(seen)
            if found is not None:
                causes[seen] = CAUSES.index(found.cause)
                codes[seen] = sum(1 << CODES.index(code) for code in found.mast)
    return causes, codes
