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
FAULTS = {"planner_error": 0, "lost_ack": 1, "side_effect": 2, "silent_success": 4, "slip": 5, "handoff": 6}
"""Which bit of a step's evidence says that a fault has struck it."""


def failure(seen: int) -> Failure | None:
    """The failure that the evidence shows, from the number that `executor` keeps of it."""
    outcome = OUTCOMES[seen >> 7 & 7]
    if outcome == "effective" and not seen >> 12 & 1:
        return None
    faults = {name for name, bit in FAULTS.items() if seen >> bit & 1}
    return failure_of(Evidence(faults, outcome, bool(seen >> 3 & 1), (None, False, True)[seen >> 10 & 3]))


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
