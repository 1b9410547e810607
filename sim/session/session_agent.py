"""The engine's agent in a session: it makes the calls it is told to make, with the plans submitted to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import simpy

from plandrift.sim.engine.agent_process import AgentProcess
from plandrift.sim.engine.environment import Declared, Environment
from plandrift.sim.engine.executor import CallReport, Place, Wait
from plandrift.sim.engine.setup import AgentSetup, Setup
from plandrift.sim.interfaces.policy import Observation
from plandrift.sim.session.fresh_read import FreshRead
from plandrift.sim.session.submitted_plans import SubmittedPlans
from plandrift.sim.terms.calls import Call


class SessionAgent(AgentProcess):
    """The engine's counterpart of the real agent in a session.

    Attributes:
        heard: news that has reached it but has not yet been passed on to the real agent.
        report: the report on the last call for the real agent, None while the call is in flight.
    """

    def __init__(
        self, setup: Setup, own: AgentSetup, environment: Environment, end: Callable[[str], None]
    ) -> None:
        self.heard: list[Observation] = []
        self.report: CallReport | None = CallReport("")
        self._doing: Wait | None = None
        self._clock, self._end = setup.clock, end
        super().__init__(setup, own, environment, end, SubmittedPlans, self.heard.append, self._reported)

    @property
    def busy(self) -> bool:
        """Whether a call is in flight, or time must pass because one was refused twice at one instant."""
        return self._doing is not None

    def begin(self, at: Place, call: Call, thought: float, carried: Declared) -> None:
        """Start making a call for a step.

        Args:
            at: the step.
            call: the call to make, whichever call the step names.
            thought: how long the agent thinks before it fires.
            carried: what the call carries for the world to check.
        """
        self.report = None
        self._doing = self.executor.carry_out(at, call, thought, carried)
        self._go_on(None)

    def look(self, fluents: Iterable[str]) -> FreshRead:
        """Start a fresh read of fluents, whatever else is going on."""
        return FreshRead(self._clock, self.channel, self.state.deliver, self.executor.read_time(), fluents)

    def wake(self) -> None:
        """React to a change: if the guard has given up, end the session between two calls."""
        super().wake()
        if self.state.gave_up is not None and not self.busy:
            self._end("gave-up")

    def stop(self) -> None:
        """Stop, because the session is over, and drop whatever was in progress."""
        super().stop()
        if self._doing is not None:
            doing, self._doing = self._doing, None
            doing.close()
            self.report = CallReport("under way", "the session ended first")

    def _reported(self, report: CallReport) -> None:
        self.report = report

    def _go_on(self, _: simpy.Event | None) -> None:
        """Run up to the next wait, as SimPy's own processes do."""
        if self._doing is None:
            return
        event = next(self._doing, None)
        if event is not None:
            assert event.callbacks is not None
            event.callbacks.append(self._go_on)
            return
        self._doing = None
        self.state.tracked.chosen = None
        if self.report is None:
            shown = self.executor.goals_met
            why = "a read before firing showed that the goals hold" if shown else "the plan changed"
            self.report = CallReport("withdrawn", why)
