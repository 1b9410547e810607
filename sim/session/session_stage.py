"""The stage of a session: its plans are submitted, and what is heard is kept for the agent."""

from __future__ import annotations

from plandrift.sim.engine.setup import Setup
from plandrift.sim.engine.stage import Stage
from plandrift.sim.interfaces.policy import Observation
from plandrift.sim.session.session_executor import Hands
from plandrift.sim.session.submitted_plans import SubmittedPlans
from plandrift.sim.settings.channel import Message


class SessionStage(Stage):
    """The stage of one session.

    Attributes:
        heard: what has reached the agent and it has not been told of.
    """

    planner = SubmittedPlans
    hands = Hands

    def __init__(self, setup: Setup, horizon: float) -> None:
        self.heard: list[Observation] = []
        super().__init__(setup, horizon)

    def _wake(self) -> None:
        super()._wake()
        if self.state.gave_up is not None and not self.hands_busy():
            self.end("gave-up")

    def hands_busy(self) -> bool:
        """Whether a call is under way."""
        return isinstance(self.executor, Hands) and self.executor.busy

    def deliver(self, message: Message) -> None:
        """News arrives at the agent, who will be told with its next answer."""
        versions = self.tracked.belief.versions
        before = [versions[reading.fluent] for reading in message.readings]
        self.state.deliver(message)
        if message.own or message.by == "read":
            return
        fluents = tuple([reading.fluent for reading in message.readings])
        news = tuple([f for f, was in zip(fluents, before, strict=True) if versions[f] != was])
        self.heard.append(Observation(self.setup.clock.now, message.taken, message.by, fluents, news))
