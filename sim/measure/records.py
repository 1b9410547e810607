"""The record kept of each fired step."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from plandrift.sim.measure.causes import Failure
from plandrift.sim.terms.calls import Call
from plandrift.sim.terms.effects import Outcome

NAN = float("nan")


@dataclass(slots=True)
class StepRecord:
    """One fired step: its staleness just before the fire, and its outcome.

    The record is created at the fire and completed when the call reaches the world and is answered.

    Attributes:
        time: when it was fired.
        step: its index in the plan, from 0.
        call: the call that was made.
        planned: the call that the plan named.
        plan: the number of the plan.
        attempt: 1 for the first attempt at its work, higher if earlier attempts failed.
        plan_age: time since the planner read the belief for the plan.
        staleness: plan staleness: the share of the remaining steps, including this one, that are stale.
        direct: the share that are directly stale.
        perceived: the share that are stale according to the belief.
        blind: the share that are stale in truth but not according to the belief.
        version: the share that are stale by version.
        stale: whether this step itself was stale.
        rewritten: whether somebody else has written an assumption of this step since the basis, or a step
            of the plan failed to write it.
        violated: each fluent that violated an assumption of this step, and since when.
        shown: those of them whose violation the belief showed.
        verdict: what the gate said: ``fire``, ``warn`` or ``if-match``.
        declared: the fluents whose state the call carried for the world to check.
        landed: when the call reached the world.
        outcome: what really happened.
        reported: what the executor was told: ``ok``, ``error``, ``refused``, or None.
        misfire: whether a requirement did not hold when the call reached the world, and it was not refused.
        silent: whether nothing was done and ok was reported.
        verified: the result of a check of the effects, None if there was none.
        after_goals: whether the goals already held when it was fired.
        failure: the cause and the MAST codes if the step failed, else None.

    >>> from plandrift import run
    >>> from plandrift.policies import plan_once
    >>> from plandrift.worlds import Telegraph
    >>> step = run(Telegraph(volatility=0.0), plan_once()).steps[2]
    >>> step.time, step.outcome, step.misfire, step.row()["planned"] == step.row()["call"]
    (2.0, 'effective', False, True)
    """

    time: float
    step: int
    call: Call
    planned: Call
    plan: int
    attempt: int
    plan_age: float
    staleness: float
    direct: float
    perceived: float
    blind: float
    version: float
    stale: bool
    rewritten: bool
    violated: tuple[tuple[str, float], ...]
    shown: tuple[str, ...]
    verdict: str
    declared: tuple[str, ...]
    landed: float = NAN
    outcome: Outcome = "effective"
    reported: Literal["ok", "error", "refused"] | None = None
    misfire: bool = False
    silent: bool = False
    verified: bool | None = None
    after_goals: bool = False
    failure: Failure | None = None

    @property
    def mismatch(self) -> bool:
        """Whether the call made differs from the one the plan named."""
        return self.call != self.planned

    def row(self) -> dict[str, Any]:
        """Return the record as one flat row for JSON and tables."""
        fields = asdict(self)
        failure = self.failure
        fields["call"], fields["planned"] = str(self.call), str(self.planned)
        fields["violated"] = [{"fluent": f, "since": t} for f, t in self.violated]
        fields["shown"], fields["declared"] = list(self.shown), list(self.declared)
        fields["mismatch"] = self.mismatch
        fields["failure"] = None if failure is None else failure.cause
        fields["mast"] = [] if failure is None else list(failure.mast)
        return fields
