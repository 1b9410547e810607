"""What all agents of an episode share, and the settings of a single agent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import simpy

from plandrift.sim.companions.description import Description
from plandrift.sim.companions.planning import Planning
from plandrift.sim.interfaces.policy import Policy
from plandrift.sim.interfaces.world import Scene
from plandrift.sim.settings.agent import Agent, Handoff
from plandrift.sim.settings.channel import Channel
from plandrift.sim.terms.fluents import Truth
from plandrift.sim.terms.streams import Streams
from plandrift.sim.trace.files import Trace
from plandrift.sim.usercode.own_planner import Plans


@dataclass(frozen=True)
class Setup:
    """What all agents of an episode share.

    Attributes:
        clock: SimPy's environment.
        scene: the scene of the world.
        truth: what every fluent really holds.
        random: the random streams.
        trace: receives the events, None to keep none.
        programs: the version of each program that the world's planner runs.
    """

    clock: simpy.Environment
    scene: Scene
    truth: Truth
    random: Streams
    trace: Trace | None
    programs: Mapping[str, str]

    @cached_property
    def planning(self) -> Planning:
        """The scene's `Planning` companion."""
        return Planning.of(self.scene)

    @cached_property
    def description(self) -> Description:
        """The scene's `Description` companion, for the trace."""
        return Description.of(self.scene)


@dataclass(frozen=True)
class AgentSetup:
    """The settings of one agent.

    Attributes:
        policy: its sync policy.
        channel: its observation channel.
        agent: its planner and executor.
        handoff: how plans get from one to the other.
        planner: the planner that replaces the scene's own, None for the scene's own.
        number: its number among the agents that share the world.
    """

    policy: Policy
    channel: Channel
    agent: Agent
    handoff: Handoff
    planner: Plans | None = None
    number: int = 0
