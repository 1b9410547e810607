"""What the parts of one episode share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import simpy

from plandrift.sim.interfaces.planning import Planning
from plandrift.sim.interfaces.policy import Policy
from plandrift.sim.interfaces.world import Scene
from plandrift.sim.settings.agent import Agent, Handoff
from plandrift.sim.settings.channel import Channel
from plandrift.sim.terms.streams import Streams
from plandrift.sim.trace.files import Trace
from plandrift.sim.usercode.own_planner import Plans


@dataclass(frozen=True)
class Setup:
    """What the parts of one episode share.

    Attributes:
        clock: SimPy's environment.
        scene: the world's side of the episode.
        policy: the agent's sync policy.
        channel: the observation channel's settings.
        agent: the planner's and executor's settings.
        handoff: the hand-off's settings.
        planner: what plans in place of the scene, None for the scene itself.
        random: the streams.
        trace: where events go, None if none is kept.
    """

    clock: simpy.Environment
    scene: Scene
    policy: Policy
    channel: Channel
    agent: Agent
    handoff: Handoff
    planner: Plans | None
    random: Streams
    trace: Trace | None

    @cached_property
    def planning(self) -> Planning:
        """What the scene's planner is asked beside plans."""
        return Planning.of(self.scene)
