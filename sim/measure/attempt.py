"""An attempt: one call from its fire to its answer, with the record that is filled in meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from plandrift.sim.measure.causes import Evidence, failure_of
from plandrift.sim.measure.records import StepRecord
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


@dataclass(slots=True)
class Attempt:
    """One call under way.

    Attributes:
        step: of the plan in hand then.
        record: what is kept of it.
        believed_broken: the fluents whose believed value was not the one that the step requires, at the fire.
        causes: those that fit, as `Evidence` has them.
        shown: whether the belief showed something of what was violated, at the fire.
        landed: whether it has reached the world.
        readings: what an acknowledgment of success tells that the call has written.
    """

    step: Step
    record: StepRecord
    believed_broken: tuple[str, ...]
    causes: tuple[str, ...] = ()
    shown: bool = False
    landed: bool = False
    readings: tuple[Reading, ...] = ()

    def bound(self, slipped: bool, erred: bool, retried: bool) -> None:
        """What is known before it is sent: a slip, a wrong step, an acknowledgment that was lost."""
        if slipped:
            self.causes = ("slip",)
        elif self.record.call != self.record.planned:
            self.causes = ("handoff",)
        if erred:
            self.causes += ("planner_error",)
        if retried:
            self.causes += ("lost_ack",)

    def land(self, now: float, effect: Effect, faults: tuple[str, ...], failing_for: tuple[str, ...]) -> None:
        """The call has reached the world.

        Args:
            now: the time.
            effect: what it really did.
            faults: those that have struck it on its way.
            failing_for: what it fails for, as the world was before it; see `Blame`.
        """
        record, refused = self.record, effect.outcome == "refused"
        self.landed = True
        record.landed, record.outcome = now, effect.outcome
        record.misfire = bool(effect.violated) and not refused
        record.silent = "silent_success" in faults
        self.causes += faults + failing_for
        self.shown = any(fluent in self.believed_broken for fluent in effect.violated)

    def settled(self) -> StepRecord:
        """The record, with why the step failed."""
        record = self.record
        # A slip away from a call that the hand-off had changed can lead back to the planned one.
        if record.outcome != "effective" or record.call != record.planned:
            seen = Evidence(set(self.causes), record.outcome, self.shown, record.verified)
            record.failure = failure_of(seen)
        return record


class Attempts:
    """What is remembered of earlier attempts, to number those at the same work.

    An attempt at work that the one before did, or found done, is a first one: it was undone meanwhile.

    Attributes:
        lost: the planned calls whose acknowledgment was lost.
    """

    __slots__ = ("_failed", "lost")

    def __init__(self) -> None:
        self._failed: dict[Work, int] = {}
        self.lost: set[Call] = set()

    def number(self, step: Step) -> int:
        """The number of the next attempt at the work of a step."""
        return self._failed.get(work_of(step), 0) + 1 if self._failed else 1

    def landed(self, step: Step, effect: Effect) -> None:
        """An attempt had this effect."""
        if effect.outcome in ("effective", "repeat"):
            if self._failed:
                self._failed.pop(work_of(step), None)
        else:
            work = work_of(step)
            self._failed[work] = self._failed.get(work, 0) + 1
