"""What all agents of an episode share, and what is set for one of them."""

from __future__ import annotations

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
        scene: the world's side of the episode.
        truth: what every fluent really holds.
        random: the streams.
        trace: where events go, None if none is kept.
    """

    clock: simpy.Environment
    scene: Scene
    truth: Truth
    random: Streams
    trace: Trace | None

    @cached_property
    def planning(self) -> Planning:
        """What the scene's planner is asked beside plans."""
        return Planning.of(self.scene)

    @cached_property
    def description(self) -> Description:
        """What the world says of itself, for the trace."""
        return Description.of(self.scene)


@dataclass(frozen=True)
class AgentSetup:
    """What is set for one agent.

    Attributes:
        policy: its sync policy.
        channel: its observation channel.
        agent: its planner and executor.
        handoff: how plans get from one to the other.
        planner: what plans in place of the scene, None for the scene itself.
    """

    policy: Policy
    channel: Channel
    agent: Agent
    handoff: Handoff
    planner: Plans | None = None
