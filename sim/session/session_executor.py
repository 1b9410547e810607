"""The hands of a session: an executor that makes the calls that it is told, one when it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

import simpy

from plandrift.sim.engine.agent_state import AgentState
from plandrift.sim.engine.attempt import Attempt, Bound
from plandrift.sim.engine.channel_process import Line
from plandrift.sim.engine.environment import Environment
from plandrift.sim.engine.executor import Executor, Place, Wait
from plandrift.sim.engine.setup import Setup
from plandrift.sim.interfaces.policy import Verdict
from plandrift.sim.session.fresh_read import FreshLook
from plandrift.sim.terms.calls import Call

Reported = Literal["ok", "error", "refused", "no answer", "blocked", "skipped", "withdrawn", "under way", ""]
"""What a session says of a call: what came back of it, or why it was not made."""


class Told(NamedTuple):
    """What the agent is told of its last call.

    Attributes:
        reported: see `Reported`.
        reason: why, where the guard has something to say.
    """

    reported: Reported
    reason: str


class Hands(Executor):
    """The executor of one session.

    Attributes:
        told: what the agent is to be told of the call last made, None while it is under way.
    """

    def __init__(
        self,
        setup: Setup,
        state: AgentState,
        environment: Environment,
        line: Line,
        end: Callable[[str], None],
    ) -> None:
        super().__init__(setup, state, environment, line, end)
        self._told_to = Call("")
        self._cost, self._noted = 0.0, ""
        self._looked = False
        self._held: Told | None = None
        self._doing: Wait | None = None
        self.told: Told | None = Told("", "")
        prepare = self._prepare
        self._prepare = lambda: self._cost + prepare()

    @property
    def busy(self) -> bool:
        """Whether a call is under way, or one was refused twice at an instant, so that time must pass."""
        return self._doing is not None

    def begin(self, at: Place, call: Call, cost: float) -> None:
        """Begin to make a call for a step.

        Args:
            at: the step.
            call: what is called, whatever the step names.
            cost: how long the agent thinks before it fires.
        """
        self._told_to, self._cost = call, cost
        self.told, self._held, self._looked = None, None, False
        self._doing = self.carry_out(at)
        self._go_on(None)

    def look(self, fluents: Iterable[str]) -> FreshLook:
        """Begin to read fluents fresh, whatever else is under way."""
        return FreshLook(self._clock, self._line, self._state.deliver, self._read(), fluents)

    def close(self) -> None:
        """The session is over: what was under way is let go."""
        super().close()
        if self._doing is not None:
            doing, self._doing = self._doing, None
            doing.close()
            self.told = Told("under way", "the session ended first")

    def _go_on(self, _: simpy.Event | None) -> None:
        """Up to the next wait, as SimPy's own processes do."""
        if self._doing is None:
            return
        event = next(self._doing, None)
        if event is not None:
            assert event.callbacks is not None
            event.callbacks.append(self._go_on)
            return
        self._doing = None
        self._tracked.chosen = None
        if self.told is None:
            why = "a look before it showed that the goals hold" if self._done else "the plan changed"
            self.told = Told("withdrawn", why)

    @property
    def _done(self) -> bool:
        """Whether a look of the guard's has shown that nothing is left to do; else the agent says so."""
        return self._looked and not self._open_ended and not self._tracked.belief.unmet

    def _fetch(self, fluents: Iterable[str]) -> Wait:
        yield from super()._fetch(fluents)
        self._looked = True

    def _told(self, at: Place) -> Call:
        return self._told_to

    def _bind(self, at: Place) -> Bound:
        bound = super()._bind(at)
        # A call that the plan does not name is a slip of the agent's own.
        return Bound(bound.call, bound.step, bound.call != bound.step.call)

    def _withhold(self, at: Place, bound: Bound, verdict: Verdict) -> Wait:
        self._held = Told("skipped" if verdict.skip else "blocked", verdict.reason)
        yield from super()._withhold(at, bound, verdict)
        self.told = self._held

    def _replan(self, reason: str, after: float) -> Wait:
        yield from super()._replan(reason, after)
        # The agent can plan anew from here on, though the hands may have to rest first.
        self.told = self._held

    def _react(self, attempt: Attempt) -> Wait:
        verdict = attempt.verdict
        yield from super()._react(attempt)
        reason = "carried out all the same; " + self._noted if verdict == "warn" else ""
        if attempt.verified is not None:
            reason = "its effects were seen" if attempt.verified else "its effects are not there"
        self.told = Told(attempt.reported or "no answer", reason)

    def _fire(self, at: Place, bound: Bound, verdict: Verdict) -> Wait:
        self._noted = verdict.reason
        yield from super()._fire(at, bound, verdict)
