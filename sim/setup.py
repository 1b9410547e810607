"""What the parts of one episode share."""

from __future__ import annotations

from dataclasses import dataclass

import simpy

from sim.agent import Agent, Handoff
from sim.channel import Channel
from sim.own_planner import Plans
from sim.policy import Policy
from sim.streams import Streams
from sim.trace import Trace
from sim.world import Scene


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
