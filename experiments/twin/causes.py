"""The cause for each possible evidence of a step, computed by `sim.measure.causes` itself."""

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
FAULTS = {"planner_error": 0, "lost_ack": 1, "silent_success": 3, "slip": 4, "handoff": 5}
"""The bit in a step's evidence for each fault that can strike it."""
FAILING_FOR = {
    at.OWN_VOID: "own_void",
    at.SIDE_EFFECT: "side_effect",
    at.DONE_ALREADY: "done_already",
    at.DONE_BY_OTHER: "done_by_other",
}


def failure(seen: int) -> Failure | None:
    """Return the failure that the evidence shows, from the number in which `executor` stores it."""
    outcome = OUTCOMES[seen >> 6 & 7]
    if outcome == "effective" and not seen >> 11 & 1:
        return None
    causes = {name for name, bit in FAULTS.items() if seen >> bit & 1}
    if seen >> 12:
        causes.add(FAILING_FOR[seen >> 12])
    return failure_of(Evidence(causes, outcome, bool(seen >> 2 & 1), (None, False, True)[seen >> 9 & 3]))


@cache
def tables() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return, per evidence, its cause's place in `CAUSES` (or `NONE`) and its MAST codes as a mask."""
    causes, codes = np.full(at.SEEN, at.NONE), np.zeros(at.SEEN, dtype=np.int64)
    for seen in range(at.SEEN):
        outcome, for_done = seen >> 6 & 7, seen >> 12 >= at.DONE_ALREADY
        if outcome in OUTCOMES and seen >> 9 & 3 < 3 and for_done == (outcome == at.REPEAT):
            found = failure(seen)
            if found is not None:
                causes[seen] = CAUSES.index(found.cause)
                codes[seen] = sum(1 << CODES.index(code) for code in found.mast)
    return causes, codes
