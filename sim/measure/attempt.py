"""An attempt: one call from fire to answer, and the record that is filled in on the way."""

from __future__ import annotations

from dataclasses import dataclass

from plandrift.sim.measure.causes import Evidence, failure_of
from plandrift.sim.measure.records import StepRecord
from plandrift.sim.terms.calls import Call, Step, Value
from plandrift.sim.terms.effects import Effect
from plandrift.sim.terms.fluents import Reading

Work = Call | tuple[tuple[str, Value], ...]
"""What identifies the work of a step: the values it should write or, if it writes none, its call."""


def work_of(step: Step) -> Work:
    """Return the work of a step.

    >>> work_of(Step(Call("close"), {}, {"door": "shut"}))
    (('door', 'shut'),)
    """
    writes = step.writes.items()
    if len(writes) > 1:
        return tuple(sorted(writes, key=lambda write: write[0]))
    return tuple(writes) or step.call


@dataclass(slots=True)
class Attempt:
    """One call in flight.

    Attributes:
        step: its step, in the plan that was in hand at the fire.
        record: the record to be kept of it.
        believed_broken: the fluents whose believed value at the fire was not the required one.
        causes: the causes that fit, as in `Evidence`.
        shown: whether the belief showed any of the violations at the fire.
        landed: whether the call has reached the world.
        violated: what did not hold of what it required, or carried, when it got there.
        readings: the writes that an acknowledgment of success reports.
    """

    step: Step
    record: StepRecord
    believed_broken: tuple[str, ...]
    causes: tuple[str, ...] = ()
    shown: bool = False
    landed: bool = False
    violated: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()

    def bound(self, slipped: bool, erred: bool, retried: bool) -> None:
        """Note the faults known before the call is sent: a slip, a wrong step, a lost acknowledgment."""
        if slipped:
            self.causes = ("slip",)
        elif self.record.call != self.record.planned:
            self.causes = ("handoff",)
        if erred:
            self.causes += ("planner_error",)
        if retried:
            self.causes += ("lost_ack",)

    def land(self, now: float, effect: Effect, faults: tuple[str, ...], failing_for: tuple[str, ...]) -> None:
        """Note that the call has reached the world.

        Args:
            now: the time.
            effect: what it really did.
            faults: the faults that struck it on its way.
            failing_for: the causes of a failure found in the world just before it landed; see `Blame`.
        """
        record, refused = self.record, effect.outcome == "refused"
        self.landed, self.violated = True, effect.violated
        record.landed, record.outcome = now, effect.outcome
        record.misfire = bool(effect.violated) and not refused
        record.silent = "silent_success" in faults
        self.causes += faults + failing_for
        self.shown = any(fluent in self.believed_broken for fluent in effect.violated)

    def settled(self) -> StepRecord:
        """Return the record, completed with the cause of a failure."""
        record = self.record
        # A slip away from a call that the hand-off had changed can lead back to the planned call.
        if record.outcome != "effective" or record.call != record.planned:
            seen = Evidence(set(self.causes), record.outcome, self.shown, record.verified)
            record.failure = failure_of(seen)
        return record


class Attempts:
    """A memory of earlier attempts, to number the attempts at the same work.

    If the previous attempt did the work, or found it done, the next one counts as a first attempt: the work
    has been undone since.

    Attributes:
        lost: the planned calls whose acknowledgment was lost.
    """

    __slots__ = ("_failed", "lost")

    def __init__(self) -> None:
        self._failed: dict[Work, int] = {}
        self.lost: set[Call] = set()

    def number(self, step: Step) -> int:
        """Return the number of the next attempt at the work of a step."""
        return self._failed.get(work_of(step), 0) + 1 if self._failed else 1

    def landed(self, step: Step, effect: Effect) -> None:
        """Note the effect of an attempt."""
        if effect.outcome in ("effective", "repeat", "recognized"):
            if self._failed:
                self._failed.pop(work_of(step), None)
        else:
            work = work_of(step)
            self._failed[work] = self._failed.get(work, 0) + 1
