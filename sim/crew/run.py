"""`run`: an episode of one agent, or of a crew of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plandrift.sim.crew.crew import crew_of, policies_of, run_crew
from plandrift.sim.engine.episode import (
    DEFAULTS,
    HORIZON,
    Episode,
    check_run,
    episode_of,
    staged,
)
from plandrift.sim.interfaces.policy import Policy
from plandrift.sim.interfaces.world import World
from plandrift.sim.settings.agent import Agent, Handoff
from plandrift.sim.settings.assembly import assemble
from plandrift.sim.settings.channel import Channel
from plandrift.sim.settings.crew import ALONE, CrewSettings
from plandrift.sim.trace.files import Trace
from plandrift.sim.usercode.own_planner import OwnPlanner


def run(
    world: World,
    policy: Policy,
    *,
    seed: int = 0,
    horizon: float = HORIZON,
    channel: Channel | None = None,
    agent: Agent | None = None,
    handoff: Handoff | None = None,
    planner: OwnPlanner | None = None,
    oracle: bool = False,
    trace: bool = False,
    agents: int = 1,
    coordination: str = "none",
    policies: Sequence[Policy] | None = None,
    crew: CrewSettings = ALONE,
    **settings: Any,
) -> Episode:
    """Run one episode, of one agent or of a crew of several.

    Args:
        world: the world and its settings.
        policy: the policy.
        seed: the seed of all random streams; the same seed gives the same episode, and the same exogenous
            events under every policy.
        horizon: the latest time at which the episode ends.
        channel: the observation channel; by default a push channel without loss or latency.
        agent: planner and executor; by default nothing goes wrong, and only steps take time (one unit each).
        handoff: how a plan gets from planner to executor; by default shared and instant.
        planner: replaces the world's own planner; see `OwnPlanner`.
        oracle: the agent hears everything at once and thinks in no time, whatever the other settings say.
        trace: keep every event.
        agents: how many agents share the world.
        coordination: how they coordinate; see `CrewSettings`.
        policies: a policy for each agent; by default all have the same.
        crew: the crew's settings, in place of `agents`, `coordination` and single fields.
        **settings: single fields of channel, agent, hand-off or crew by name, such as ``latency=1.0``;
            a time may be a number or a text such as ``"exponential(2)"``.

    Returns:
        The episode. If there are several agents, or the world is done task by task (`World.by_task`), it has
        each agent's own episode in `agents`.

    Raises:
        SettingError: a setting has an unknown name, or a value out of range.
        WorldError: the world named a fluent that it does not have, or a change in the past.
        PolicyError: the policy gave an invalid answer.
        PlannerError: the planner raised, or returned something that is not a plan.
        RunawayError: the episode did not stop by itself.

    >>> from plandrift.worlds import Records
    >>> from plandrift.policies import gated
    >>> episode = run(Records(volatility=0.05), gated(), latency=1.0, seed=7)
    >>> episode.end
    'done'
    >>> crew = run(Records(volatility=0.05), gated(), agents=3, seed=7)
    >>> len(crew.agents), crew.metrics.right_tasks == sum(one.metrics.right_tasks for one in crew.agents)
    (3, True)
    """
    chosen, settings = crew_of(crew, agents, coordination, settings)
    parts = assemble(channel or DEFAULTS[0], agent or DEFAULTS[1], handoff or DEFAULTS[2], settings, oracle)
    check_run(world, policy, parts, seed, horizon)
    every = policies_of(policy, policies, chosen.agents)
    if chosen.agents > 1 or world.by_task:
        return run_crew(world, every, parts, chosen, seed, float(horizon), planner, trace)
    stage = staged(world, every[0], parts, seed, float(horizon), planner, Trace() if trace else None)
    stage.play()
    return episode_of(world, seed, stage, stage.metrics())
