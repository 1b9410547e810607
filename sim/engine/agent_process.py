"""One agent of an episode at work: all that it has, beside what all agents share."""

from __future__ import annotations

from collections.abc import Callable

from plandrift.sim.engine.agent_state import AgentState
from plandrift.sim.engine.channel_process import ChannelProcess
from plandrift.sim.engine.environment import Environment
from plandrift.sim.engine.executor import CallReport, Executor
from plandrift.sim.engine.planner import Planner
from plandrift.sim.engine.setup import AgentSetup, Setup
from plandrift.sim.interfaces.policy import Observation


class AgentProcess:
    """One agent at work.

    Attributes:
        state: what it believes, intends and counts, with its policy, its plan in hand and its planner.
        channel: brings it news.
        executor: fires its calls.

    It calls `end` with how the episode ends when the agent ends it, `tell` with each observation, for whoever
    looks on, and `report` with what came of each call, where somebody else says which calls to make.
    """

    def __init__(
        self,
        setup: Setup,
        own: AgentSetup,
        environment: Environment,
        end: Callable[[str], None],
        planner: type[Planner] = Planner,
        tell: Callable[[Observation], None] | None = None,
        report: Callable[[CallReport], None] | None = None,
    ) -> None:
        self.state = AgentState(setup, own, self.wake, planner, tell)
        self.channel = ChannelProcess(setup, own.channel, self.state.deliver)
        environment.push_to(self.channel)
        self.executor = Executor(setup, own, self.state, self.channel, environment, end, report)

    def wake(self) -> None:
        """Something has changed that the executor may be waiting for."""
        self.executor.wake()

    def stop(self) -> None:
        """The episode is over."""
        self.state.planner.stop()
        self.state.tracked.ended()
