"""The state of an agent in a crew, from one task to the next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from plandrift.sim.crew.shared_plan import SharedPlan
from plandrift.sim.crew.shared_truth import PrivateCopy
from plandrift.sim.engine.agent_state import AgentState
from plandrift.sim.engine.channel_process import ChannelProcess
from plandrift.sim.engine.setup import Setup
from plandrift.sim.terms.clock import NEWS, call_later
from plandrift.sim.terms.fluents import Message, Reading
from plandrift.sim.terms.plan import Plan

if TYPE_CHECKING:
    from plandrift.sim.crew.seat import Seat


class SeatState(AgentState):
    """The state of one agent of a crew.

    Attributes:
        resting: whether it is between two tasks: it hears the news, but its policy is not asked.
        gone: whether it has left: it hears nothing any more.
    """

    TRACKS = SharedPlan

    seat: Seat

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._open_ended = False
        self.resting, self.gone = True, False

    def next_task(self) -> None:
        """Forget what belongs to the current plan."""
        self.waiting = self.held = False
        self._done, self._unasked = [], {}
        # A replan that was put off is not for this task.
        self._debounced += 1

    def deliver(self, message: Message) -> None:
        """Receive news; between two tasks nobody asks what to do about it."""
        if self.gone:
            return
        if self.resting:
            self.tracked.heard(message)
            self.belief.heard = max(self.belief.heard, message.taken)
        else:
            super().deliver(message)

    def _adopt(self, plan: Plan | None, outcome: str) -> None:
        # A plan that was on its way when the task ended is not for the next one.
        if not self.resting and (plan is None or plan.goals is self.tracked.goals):
            super()._adopt(plan, outcome)
        else:
            self._wake()


class SeatChannel(ChannelProcess):
    """The channel of one agent of a crew.

    Attributes:
        muted: whether changes are not sent, because the agent works on a private copy.
        crowded: whether there are other agents.
    """

    def __init__(self, setup: Setup, *given: Any) -> None:
        truth = setup.truth
        shown = truth.base if isinstance(truth, PrivateCopy) else truth
        super().__init__(replace(setup, truth=shown), *given)
        self.muted = isinstance(truth, PrivateCopy)
        self.crowded = False

    def push(self, readings: tuple[Reading, ...], own: bool) -> None:
        """Send a change, unless the agent cannot hear of it on its private copy."""
        if not self.muted:
            super().push(readings, own)

    def inform(self, readings: tuple[Reading, ...]) -> None:
        """Tell the agent at once what became of its own writes."""
        message = self._message(readings, "push", True)
        self._record_sent(message)
        self._deliver(message)

    def notify(self, readings: tuple[Reading, ...], delay: float) -> None:
        """Tell the agent of a fellow's writes after a delay, whatever the channel's latency and loss."""
        message = self._message(readings, "push", False)
        self._record_sent(message)
        call_later(self._clock, delay, self._overtaking, message, NEWS)

    def _send(self, message: Message) -> None:
        if self.crowded and self._in_order and not self._delay() and not self._loss:
            # Behind the world, and in a random order among the agents.
            self._record_sent(message)
            call_later(self._clock, 0, self._overtaking, message, NEWS)
        else:
            super()._send(message)
