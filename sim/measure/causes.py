"""Why a step failed: one failure, one cause; and the MAST codes it would be read as.

The codes are those of Cemri et al. 2025, arXiv:2503.13657; `MAST` has their names and the share of
all failures that each has there.
"""

from __future__ import annotations

from dataclasses import dataclass

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

CAUSES = (
    "slip",
    "handoff",
    "silent_success",
    "planner_error",
    "lost_ack",
    "side_effect",
    "drift_shown",
    "drift_blind",
    "given_up",
)
"""The causes in the order in which they are tried: the first that fits is the cause.

slip            the executor made a sibling of the planned call
handoff         an argument was lost in the hand-off and filled in wrongly
silent_success  nothing was done and ok was reported
planner_error   the step was wrong for the belief that it was planned from
lost_ack        work already done was done again because its acknowledgment was lost
side_effect     earlier calls of the agent's own had changed besides all that the step needed otherwise
drift_shown     the world had moved, and the belief showed it when the call was fired
drift_blind     the world had moved, and the belief did not show it
given_up        the agent gave up; the one failure that belongs to the episode, not to a step
"""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a step failed, and how the failure would be read.

    Attributes:
        cause: one of `CAUSES`.
        mast: the MAST codes, or ``drift`` where there is none.
    """

    cause: str
    mast: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a fired step when its cause is sought.

    Attributes:
        outcome: what really happened.
        slipped: whether a sibling of the planned call was made.
        mistold: whether the call differs from the plan by an argument lost in the hand-off.
        silent: whether nothing was done and ok was reported.
        planner_erred: whether the step was wrong for its basis.
        retried: whether the same step's acknowledgment had been lost before.
        own_doing: whether all that was violated was so by side effects of the agent's own calls.
        shown: whether the belief showed the violation, or that the work was done, at the fire.
        verified: what a check of the effects said, None if there was none.
    """

    outcome: str
    slipped: bool
    mistold: bool
    silent: bool
    planner_erred: bool
    retried: bool
    own_doing: bool
    shown: bool
    verified: bool | None


def failure_of(seen: Evidence) -> Failure | None:
    """The failure that the evidence shows, None for a step that did its work as planned.

    A step fails when its call is not the planned one, or when what came of it is neither what was
    planned nor a refusal: a call that the world refused for what it carries has done nothing wrong.
    """
    mismatch = seen.slipped or seen.mistold
    if seen.outcome in ("effective", "refused") and not mismatch:
        return None
    codes = []
    if mismatch:
        codes.append("FM-2.6")
    if seen.mistold and not seen.slipped:
        codes.append("FM-2.4")
    if seen.outcome == "repeat":
        codes.append("FM-1.3")
    if seen.silent:
        if seen.verified is None:
            codes.append("FM-3.2")
        elif seen.verified:
            codes.append("FM-3.3")
    cause = _cause(seen)
    told = cause == "drift_shown" or (cause == "side_effect" and seen.shown)
    if told and seen.outcome != "repeat":
        codes.append("FM-2.5")
    if cause in ("side_effect", "drift_blind") and not told and seen.outcome != "repeat":
        codes.append("drift")
    return Failure(cause, tuple(codes))


def _cause(seen: Evidence) -> str:
    if seen.slipped:
        return "slip"
    if seen.mistold:
        return "handoff"
    if seen.silent:
        return "silent_success"
    if seen.planner_erred:
        return "planner_error"
    if seen.retried and seen.outcome == "repeat":
        return "lost_ack"
    if seen.own_doing:
        return "side_effect"
    return "drift_shown" if seen.shown else "drift_blind"
