"""One running agent of an episode, with everything that it does not share with other agents."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from plandrift.sim.engine.agent_state import AgentState
from plandrift.sim.engine.channel_process import ChannelProcess
from plandrift.sim.engine.environment import Environment
from plandrift.sim.engine.executor import CallReport, Executor
from plandrift.sim.engine.planner import Planner
from plandrift.sim.engine.setup import AgentSetup, Setup
from plandrift.sim.interfaces.policy import Observation


class AgentProcess:
    """One running agent.

    Attributes:
        state: its beliefs, intentions and counts, with its policy, plan in hand and planner.
        channel: delivers news to it.
        executor: fires its calls.
        PARTS: the classes of the three.

    It calls `end` with how the episode ended, `tell` with each observation (for observers), and `report` with
    the result of each call (for whoever decides in its place which calls to make).
    """

    PARTS: ClassVar[tuple[type[AgentState], type[ChannelProcess], type[Executor]]] = (
        AgentState,
        ChannelProcess,
        Executor,
    )

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
        state, channel, executor = self.PARTS
        self.state = state(setup, own, self.wake, planner, tell)
        self.channel = channel(setup, own.channel, self.state.deliver)
        environment.push_to(self.channel, self.state.tracked)
        self.executor = executor(setup, own, self.state, self.channel, environment, end, report)

    def wake(self) -> None:
        """Wake the executor: something has changed that it may be waiting for."""
        self.executor.wake()

    def stop(self) -> None:
        """Stop, because the episode is over."""
        self.state.planner.stop()
        self.state.tracked.ended()
