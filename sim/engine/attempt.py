"""An attempt: one call from its fire to its answer, and what is known of it so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from plandrift.sim.measure.causes import Evidence, Failure, failure_of
from plandrift.sim.measure.records import Standing, StepRecord
from plandrift.sim.measure.tracked_plan import TrackedPlan
from plandrift.sim.terms.calls import Call, Step, Value
from plandrift.sim.terms.effects import Effect
from plandrift.sim.terms.fluents import Reading

Work = Call | tuple[tuple[str, Value], ...]
"""What two attempts have in common that are at the same work: what they are to write, else their call."""


def work_of(step: Step) -> Work:
    """The work of a step.

    >>> work_of(Step(Call("close"), {}, {"door": "shut"}))
    (('door', 'shut'),)
    """
    writes = step.writes.items()
    if len(writes) > 1:
        return tuple(sorted(writes, key=lambda write: write[0]))
    return tuple(writes) or step.call


@dataclass(frozen=True, slots=True)
class Bound:
    """A call that has been bound to a step of the plan in hand.

    Attributes:
        call: the call.
        step: the step.
        slipped: whether the executor made a sibling of the planned call.
    """

    call: Call
    step: Step
    slipped: bool


@dataclass(slots=True)
class Attempt:
    """One call under way.

    Attributes:
        bound: the call and its step.
        plan: the number of the plan and the place of the step in it.
        standing: how the step stood just before the fire.
        verdict: what the gate said: ``fire``, ``warn`` or ``if-match``.
        number: 1 for the first at its work.
        time: when it was fired.
        declared: the fluents whose state the call carries for the world to check.
        retried: whether the same step's acknowledgment had been lost before.
        erred: whether the planner erred in the step.
        landed: when it reached the world, None before.
        effect: what it really did.
        readings: what an acknowledgment of success tells that the call has written.
        silent: whether nothing was done and ok is reported.
        own_doing: whether side effects of the agent's own calls violated all that was violated.
        reported: what the executor was told.
        verified: what a check of the effects said.
    """

    bound: Bound
    plan: tuple[int, int]
    standing: Standing
    verdict: str
    number: int
    time: float
    declared: tuple[str, ...]
    retried: bool
    erred: bool
    landed: float | None = None
    effect: Effect = Effect("effective", {})
    readings: tuple[Reading, ...] = ()
    silent: bool = False
    own_doing: bool = False
    reported: Literal["ok", "error", "refused"] | None = None
    verified: bool | None = None

    def land(self, now: float, effect: Effect, silent: bool, tracked: TrackedPlan) -> None:
        """The call has reached the world, which is tracked."""
        self.landed, self.effect, versions = now, effect, tracked.truth.versions
        self.own_doing = effect.outcome != "repeat" and tracked.own_doing(effect.violated)
        self.silent = silent and effect.outcome != "refused"
        self.readings = tuple([Reading(f, value, versions[f]) for f, value in self.bound.step.writes.items()])

    def record(self) -> StepRecord:
        """What is kept of it."""
        assert self.landed is not None
        standing, effect = self.standing, self.effect
        return StepRecord(
            time=self.time,
            step=self.plan[1],
            call=self.bound.call,
            planned=self.bound.step.call,
            plan=self.plan[0],
            attempt=self.number,
            plan_age=standing.plan_age,
            staleness=standing.staleness,
            direct=standing.direct,
            perceived=standing.perceived,
            blind=standing.blind,
            version=standing.version,
            stale=standing.stale,
            rewritten=standing.rewritten,
            violated=standing.violated,
            shown=standing.shown,
            verdict=self.verdict,
            declared=self.declared,
            landed=self.landed,
            outcome=effect.outcome,
            reported=self.reported,
            misfire=bool(effect.violated) and effect.outcome != "refused",
            silent=self.silent,
            verified=self.verified,
            after_goals=standing.after_goals,
            failure=self._failure(),
        )

    def _failure(self) -> Failure | None:
        effect, bound, standing = self.effect, self.bound, self.standing
        mismatch = bound.call != bound.step.call
        if effect.outcome == "effective" and not mismatch:
            return None
        return failure_of(
            Evidence(
                outcome=effect.outcome,
                slipped=bound.slipped,
                mistold=mismatch and not bound.slipped,
                silent=self.silent,
                planner_erred=self.erred,
                retried=self.retried,
                own_doing=self.own_doing,
                shown=standing.believed_done
                if effect.outcome == "repeat"
                else any(f in standing.believed_broken for f in effect.violated),
                verified=self.verified,
            )
        )


class Attempts:
    """What is remembered of earlier attempts, to number those at the same work.

    An attempt at work that the one before did, or found done, is a first one: it was undone meanwhile.
    """

    __slots__ = ("_failed", "lost")

    def __init__(self) -> None:
        self._failed: dict[Work, int] = {}
        self.lost: set[Call] = set()
        """The planned calls whose acknowledgment was lost."""

    def number(self, step: Step) -> int:
        """The number of the next attempt at the work of a step."""
        return self._failed.get(work_of(step), 0) + 1

    def landed(self, step: Step, effect: Effect) -> None:
        """An attempt had this effect."""
        work = work_of(step)
        if effect.outcome in ("effective", "repeat"):
            self._failed.pop(work, None)
        else:
            self._failed[work] = self._failed.get(work, 0) + 1
