"""The figures of one episode (design.md, 2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sim.causes import CAUSES, MAST
from sim.step_record import StepRecord

NAN = float("nan")


def column(code: str) -> str:
    """The metric's name for a MAST code: ``FM-2.6`` is ``mast_fm_2_6``."""
    return "mast_" + code.lower().replace("-", "_").replace(".", "_")


@dataclass(frozen=True)
class Metrics:
    """What was measured in one episode.

    Shares are in [0, 1], times in the world's units of time. Averages over time run from the first
    plan's arrival to the end, over the time in which a plan with steps left is held; they are NaN
    where there was no such time, as are averages over steps where none was fired.

    Attributes:
        plan_staleness: time average of the share of the steps left that are stale.
        plan_validity: share of the time in which the whole kernel holds.
        staleness_before_fire: average over the steps fired of the plan staleness just before.
        direct_staleness: like plan staleness, directly stale steps only.
        perceived_staleness: the same measured against the belief.
        blind_staleness: the share stale in truth and not in the belief.
        version_staleness: the share with a dependency written since the basis.
        plan_age: time average of the time since the plan's basis was true.
        steps_fired: calls that reached the world.
        misfires: of those, the ones with a requirement that did not hold when they reached it.
        misfire_rate: misfires per step fired.
        harm: calls that did the wrong thing.
        repeats: calls whose work was already done.
        false_blocks: blocks of a step that was fine in truth.
        blocks: calls that a gate refused.
        replans: plans handed over after the first.
        thinking_time: time spent thinking, thinking thrown away included.
        goals_met: share of the goals that hold in the world at the end (1 where there are none).
        success: 1 if every goal holds in the world at the end.
        false_completion: 1 if the agent declared itself done and a goal does not hold.
        duration: when the episode ended.
        effectiveness: score reached over score reachable; a goal counts one in a world without scores.
        mismatches: calls bound that are not the planned one, fired or blocked.
        mismatches_fired: of those, the ones fired.
        mismatches_blocked: of those, the ones that a gate refused.
        verified: checks made of a call's effects.
        undetected_silent_successes: silent successes that no check refuted.
        gave_up: 1 if the agent gave up.
        thinking_share: thinking time over duration.
        storms: how often three or more plans came in a row with nothing fired between.
        opportunity_staleness: share of the time in which the plan is valid but not the one that the planner
            would choose for the world as it is; NaN where the world does not ask it.
        plan_ratio: mean length of the plans over that of a shortest one; NaN where that is not known.
        plan_distance: mean over the replans of the steps in one plan and not in the other, against the
            steps left of the plan before (Fox et al. 2006); NaN where nothing was replanned.
        expansions: states that the planner's searches expanded, 0 in a world that counts none.
        causes: failures by cause.
        mast: failures by MAST code.
    """

    plan_staleness: float
    plan_validity: float
    staleness_before_fire: float
    direct_staleness: float
    perceived_staleness: float
    blind_staleness: float
    version_staleness: float
    plan_age: float
    steps_fired: int
    misfires: int
    misfire_rate: float
    harm: int
    repeats: int
    false_blocks: int
    blocks: int
    replans: int
    thinking_time: float
    goals_met: float
    success: int
    false_completion: int
    duration: float
    effectiveness: float
    mismatches: int
    mismatches_fired: int
    mismatches_blocked: int
    verified: int
    undetected_silent_successes: int
    gave_up: int
    thinking_share: float
    storms: int
    opportunity_staleness: float
    plan_ratio: float
    plan_distance: float
    expansions: int
    causes: Mapping[str, int]
    mast: Mapping[str, int]

    def row(self) -> dict[str, Any]:
        """All figures by name, flat: `causes` as ``cause_<name>``, `mast` as ``mast_<code>``."""
        flat = {name: getattr(self, name) for name in _PLAIN}
        causes, mast = self.causes, self.mast
        flat |= {f"cause_{name}": causes.get(name, 0) for name in CAUSES}
        return flat | {column(code): mast.get(code, 0) for code in MAST}


_PLAIN = tuple(f.name for f in fields(Metrics) if f.name not in ("causes", "mast"))

METRICS = (
    *_PLAIN,
    *(f"cause_{name}" for name in CAUSES),
    *(column(code) for code in MAST),
)
"""The names of all figures, as in the columns of a table."""

COUNTS = frozenset(METRICS) - {f.name for f in fields(Metrics) if f.type == "float"}
"""Those that are whole numbers."""


def count_steps(steps: Sequence[StepRecord]) -> dict[str, Any]:
    """The figures that are counts or averages over the steps fired."""
    fired = len(steps)
    misfires = sum(step.misfire for step in steps)
    return {
        "steps_fired": fired,
        "staleness_before_fire": sum(s.staleness for s in steps) / fired if fired else NAN,
        "misfires": misfires,
        "misfire_rate": misfires / fired if fired else NAN,
        "harm": sum(step.outcome == "harmful" for step in steps),
        "repeats": sum(step.outcome == "repeat" for step in steps),
        "mismatches_fired": sum(step.mismatch for step in steps),
        "undetected_silent_successes": sum(s.silent and s.verified is not False for s in steps),
    }


def count_failures(
    steps: Sequence[StepRecord], gave_up: bool, false_completion: bool
) -> tuple[dict[str, int], dict[str, int]]:
    """Failures by cause, and by MAST code."""
    causes: Counter[str] = Counter()
    mast: Counter[str] = Counter()
    for step in steps:
        if step.failure is not None:
            causes[step.failure.cause] += 1
            mast.update(step.failure.mast)
        if step.after_goals:
            mast["FM-1.5"] += 1
    if gave_up:
        causes["given_up"] += 1
    if false_completion:
        mast["FM-3.1"] += 1
    return dict(causes), dict(mast)
