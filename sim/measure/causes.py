"""The cause of a failed step (one failure, one cause) and its MAST codes.

The codes are those of Cemri et al. 2025, arXiv:2503.13657; `MAST` has the name of each and its share of all
failures in that paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plandrift.sim.settings.agent import FAULTS
from plandrift.sim.settings.faults import Fault

MAST: dict[str, tuple[str, float]] = {
    "FM-1.3": ("step repetition", 0.157),
    "FM-1.5": ("unaware of termination conditions", 0.124),
    "FM-2.4": ("information withholding", 0.0085),
    "FM-2.5": ("ignored other agent's input", 0.019),
    "FM-2.6": ("reasoning-action mismatch", 0.132),
    "FM-3.1": ("premature termination", 0.062),
    "FM-3.2": ("no or incomplete verification", 0.082),
    "FM-3.3": ("incorrect verification", 0.091),
    "drift": ("misfire in the blind spot; no code in MAST", 0.0),
}

_NO_FAULTS = (
    Fault(
        cause="own_void",
        meaning="the step needed the effect of an earlier call, which did nothing but was reported ok",
        failing="a step is fired that depends on a call which did nothing but was reported ok",
        right="checks what a call has done before it builds on it",
        rank=6,
    ),
    Fault(
        cause="done_already",
        meaning="the agent itself had already done the work",
        failing="the agent repeats its own work",
        right="does not repeat its own work",
        rank=8,
    ),
    Fault(
        cause="done_by_other",
        meaning="somebody else had already done the work",
        failing="the agent repeats work that somebody else has done",
        right="checks whether its work still needs doing",
        rank=9,
    ),
    Fault(
        cause="drift_shown",
        meaning="the world was not as the step needed it, and the belief showed that when the call was fired",
        failing="a step is fired that no longer fits, although the belief shows it",
        right="does not fire a step that its own belief contradicts",
        rank=90,
        drifts=True,
    ),
    Fault(
        cause="drift_blind",
        meaning="the world was not as the step needed it, and the belief did not show that",
        failing="a step is fired that no longer fits, and the belief does not show it",
        right="looks right before firing, or sends the step's assumptions with the call",
        rank=91,
        drifts=True,
    ),
    Fault(
        cause="given_up",
        meaning="the agent gave up: the only failure that belongs to an episode and not to a step",
        failing="the agent gives up",
        right="goes on",
        rank=92,
    ),
)

EXPLAINED: Mapping[str, Fault] = {
    one.cause: one for one in sorted([*FAULTS.values(), *_NO_FAULTS], key=lambda one: one.rank)
}
"""Every cause with its meaning, in the order in which they are tried: the first that fits is taken."""

CAUSES = tuple(EXPLAINED)
"""The names of the causes, in that order."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The cause of a step's failure, and how the failure would be classified.

    Attributes:
        cause: one of `CAUSES`.
        mast: the MAST codes, or ``drift`` if there is none.
    """

    cause: str
    mast: tuple[str, ...]


@dataclass(slots=True)
class Evidence:
    """What is known about a fired step, to find the cause of its failure.

    Attributes:
        causes: the causes that fit: the faults that struck the step, and what `Blame` has found.
        outcome: what really happened.
        shown: whether the belief showed any of the violations at the fire.
        verified: the result of a check of the effects, None if there was none.
    """

    causes: set[str] = field(default_factory=set)
    outcome: str = "effective"
    shown: bool = False
    verified: bool | None = None


def failure_of(seen: Evidence) -> Failure | None:
    """Return the failure that the evidence shows, or None for a step that did its work as planned.

    A step fails if its call is not the planned one, or if its outcome is neither the planned one nor a
    refusal: a call that the world refused because of the assumptions it carried has done nothing wrong. The
    same holds for a retry that the world recognized by its key.
    """
    fitting = [one for cause, one in EXPLAINED.items() if cause in seen.causes] if seen.causes else []
    if seen.outcome in ("effective", "refused", "recognized") and not any(one.mismatch for one in fitting):
        return None
    drift = "drift_shown" if seen.shown else "drift_blind"
    blamed = (one for one in fitting if not one.outcome or one.outcome == seen.outcome)
    cause = next(blamed, EXPLAINED[drift])
    codes = [code for one in fitting for code in one.mast]
    if seen.outcome == "repeat":
        codes.append("FM-1.3")
    if seen.verified is not False:
        codes += [code for one in fitting for code in (one.passed if seen.verified else one.unchecked)]
    if cause.drifts:
        codes.append("FM-2.5" if seen.shown else "drift")
    return Failure(cause.cause, tuple(codes))
