"""A call from its fire to its answer: what is known of it so far."""

from __future__ import annotations

from typing import Any, Literal

from sim.causes import Evidence, Failure, failure_of
from sim.intention import Intention
from sim.meter import Shares
from sim.picture import Picture, Reading
from sim.plan import Call
from sim.step_record import StepRecord
from sim.world import Answer, Outcome


class Flight:
    """One call under way; what was so at the fire is fixed when it is made.

    Attributes:
        call: the call that was made.
        landed: when it reached the world, None before.
        outcome: what really happened.
        readings: what an acknowledgment of success tells that the call has written.
        reported: what the executor was told.
        verified: what a check of the effects said.
    """

    def __init__(
        self,
        now: float,
        call: Call,
        intention: Intention,
        place: int,
        verdict: str,
        slipped: bool,
        shares: Shares,
        truth: Picture,
        belief: Picture,
        retried: bool,
    ) -> None:
        plan, step = intention.plan, intention.plan.steps[place]
        self.call = call
        self.landed: float | None = None
        self.outcome: Outcome = "effective"
        self.readings: tuple[Reading, ...] = ()
        self.reported: Literal["ok", "error"] | None = None
        self.verified: bool | None = None
        self._silent = False
        self._violated: tuple[str, ...] = ()
        self._slipped, self._retried = slipped, retried
        self._erred = place in plan.wrong
        self._seen = [f for f, value in step.requires.items() if belief.values[f] != value]
        self._seen_done = bool(step.writes) and all(
            belief.values[f] == value for f, value in step.writes.items()
        )
        measured = intention.truth
        violated = measured.violated(place) if measured.direct >> place & 1 else []
        self._before: dict[str, Any] = {
            "time": now,
            "step": place,
            "call": call,
            "planned": step.call,
            "plan": plan.number,
            "plan_age": now - plan.basis.time,
            "staleness": shares.plan,
            "direct": shares.direct,
            "perceived": shares.perceived,
            "blind": shares.blind,
            "version": shares.version,
            "stale": bool(measured.stale >> place & 1),
            "moved": bool(measured.moved >> place & 1),
            "violated": tuple((f, measured.since[f]) for f in violated),
            "shown": tuple(f for f in violated if f in self._seen),
            "verdict": verdict,
            "after_goals": bool(truth.goals) and not truth.unmet,
        }
        self._mismatch = call != step.call

    def land(self, now: float, answer: Answer, silent: bool) -> None:
        """The call has reached the world."""
        self.landed = now
        self.outcome = answer.outcome
        self._violated = answer.violated
        self._silent = silent

    def record(self) -> StepRecord:
        """What is kept of it."""
        assert self.landed is not None
        repeat = self.outcome == "repeat"
        return StepRecord(
            **self._before,
            landed=self.landed,
            outcome=self.outcome,
            reported=self.reported,
            misfire=bool(self._violated) and not repeat,
            silent=self._silent,
            verified=self.verified,
            failure=self._failure(),
        )

    def _failure(self) -> Failure | None:
        if self.outcome == "effective" and not self._mismatch:
            return None
        repeat = self.outcome == "repeat"
        return failure_of(
            Evidence(
                outcome=self.outcome,
                slipped=self._slipped,
                mistold=self._mismatch and not self._slipped,
                silent=self._silent,
                planner_erred=self._erred,
                retried=self._retried,
                shown=self._seen_done if repeat else any(f in self._seen for f in self._violated),
                verified=self.verified,
            )
        )
