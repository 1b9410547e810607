"""A crew's episode, from its settings to its figures."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import simpy

from plandrift.sim.companions.sharing import Sharing
from plandrift.sim.crew.clock import CrewClock
from plandrift.sim.crew.crew_stage import CrewStage
from plandrift.sim.crew.shared_truth import SharedTruth
from plandrift.sim.engine.episode import Episode
from plandrift.sim.engine.setup import AgentSetup, Setup
from plandrift.sim.interfaces.policy import Policy
from plandrift.sim.interfaces.world import World, check_scene
from plandrift.sim.settings.agent import Agent, Handoff
from plandrift.sim.settings.channel import Channel
from plandrift.sim.settings.crew import ALONE, CrewSettings
from plandrift.sim.settings.distribution import Distribution
from plandrift.sim.terms.errors import SettingError
from plandrift.sim.terms.streams import Streams
from plandrift.sim.trace.files import Trace
from plandrift.sim.usercode.checks import check_changes, check_repair, check_side_effects
from plandrift.sim.usercode.own_planner import OwnPlanner, checked

Parts = tuple[Channel, Agent, Handoff]

KEPT = 10_000
"""How many rates of right tasks of an agent alone are kept in memory."""


def crew_of(
    crew: CrewSettings, agents: int, coordination: str, settings: Mapping[str, Any]
) -> tuple[CrewSettings, dict[str, Any]]:
    """Return the crew's settings with named fields replaced, and the settings that are not the crew's.

    Raises:
        SettingError: a value is out of range.
    """
    left = dict(settings)
    given: dict[str, Any] = {}
    for field in dataclasses.fields(CrewSettings):
        if field.name in left:
            value = left.pop(field.name)
            timed = isinstance(field.default, Distribution)
            given[field.name] = Distribution.parse(value) if timed else value
    if agents != 1:
        given["agents"] = agents
    if coordination != "none":
        given["coordination"] = coordination
    if not given:
        return crew, left
    try:
        return dataclasses.replace(crew, **given), left
    except SettingError as error:
        raise error.named(f"crew.{error.name.removeprefix('crew.')}") from None


def policies_of(policy: Policy, policies: Sequence[Policy] | None, agents: int) -> tuple[Policy, ...]:
    """Return the policy of each agent.

    Raises:
        SettingError: there are not as many policies as agents, or one of them is not a policy.
    """
    if policies is None:
        return (policy,) * agents
    if len(policies) != agents or not all(isinstance(one, Policy) for one in policies):
        raise SettingError(
            name="policies",
            problem=f"has {len(policies)} entries",
            fix=f"give {agents} policies, one for each agent",
        )
    return tuple(policies)


def check_crew(world: World, settings: CrewSettings, agent: Agent) -> None:
    """Check that a world and an agent's settings are compatible with those of a crew.

    Raises:
        SettingError: they are not; the message says why.
    """
    if settings.agents > 1 and world.alone:
        raise SettingError(
            name="crew.agents",
            problem=f"= {settings.agents}: {type(world).__name__} has room for only one agent: {world.alone}",
            fix="leave it 1, or give another world, such as ledger",
        )
    if settings.coordination == "merge-queue" and agent.side_effects:
        raise SettingError(
            name="agent.side_effects",
            problem=f"= {agent.side_effects!r}: private copies of merge-queue have no side effects",
            fix="leave it 0, or give another coordination",
        )


def run_crew(
    world: World,
    policies: Sequence[Policy],
    parts: Parts,
    settings: CrewSettings,
    seed: int,
    horizon: float,
    planner: OwnPlanner | None = None,
    trace: bool = False,
) -> Episode:
    """Run an episode of a crew, and that of one agent alone on the same seed to compare it with.

    Raises:
        SettingError: the world is not compatible with a crew, or with these settings.
    """
    check_crew(world, settings, parts[1])
    stage = crew_stage(world, policies, parts, settings, seed, horizon, planner, Trace() if trace else None)
    stage.play()
    if settings.agents == 1:
        rate = stage.room.tally.right(0) / stage.setup.clock.now
    else:
        rate = rate_alone(world, policies[0], parts, settings, seed, horizon, planner)
    whole, apart = stage.crew_metrics(rate)
    events = () if stage.setup.trace is None else tuple(stage.setup.trace.events)
    agents = []
    for seat, metrics in zip(stage.room.seats, apart, strict=True):
        agents.append(
            Episode(
                world=world,
                policy=seat.own.policy,
                seed=seed,
                horizon=horizon,
                channel=parts[0],
                agent=parts[1],
                handoff=parts[2],
                metrics=metrics,
                steps=tuple(seat.tracked.records),
                end=str(seat.ended),
                reason=seat.state.reason,
                events=0,
                crew=settings,
            )
        )
    reasons = [one.reason for one in agents if one.reason]
    return dataclasses.replace(
        agents[0],
        metrics=whole,
        steps=tuple(sorted([step for one in agents for step in one.steps], key=lambda step: step.time)),
        end=str(stage.ended),
        reason=reasons[0] if reasons else "",
        events=stage.events,
        trace=events,
        agents=tuple(agents),
    )


def rate_alone(
    world: World,
    policy: Policy,
    parts: Parts,
    settings: CrewSettings,
    seed: int,
    horizon: float,
    planner: OwnPlanner | None = None,
) -> float:
    """Return the right tasks per time of one agent alone on the same seed; run once, then kept."""
    asked = (world, policy, parts, dataclasses.replace(ALONE, repair=settings.repair), seed, horizon, planner)
    try:
        hash(asked)
    except TypeError:
        return _rate_alone.__wrapped__(*asked)
    return _rate_alone(*asked)


@lru_cache(maxsize=KEPT)
def _rate_alone(
    world: World,
    policy: Policy,
    parts: Parts,
    alone: CrewSettings,
    seed: int,
    horizon: float,
    planner: OwnPlanner | None,
) -> float:
    stage = crew_stage(world, (policy,), parts, alone, seed, horizon, planner)
    stage.play()
    now = stage.setup.clock.now
    return stage.room.tally.right(0) / now if now else float("nan")


def crew_stage(
    world: World,
    policies: Sequence[Policy],
    parts: Parts,
    settings: CrewSettings,
    seed: int,
    horizon: float,
    planner: OwnPlanner | None = None,
    trace: Trace | None = None,
) -> CrewStage:
    """Return the stage of a crew's episode that is about to begin.

    Raises:
        SettingError: the scene is not compatible with these settings.
    """
    random = Streams(seed)
    scene = world.begin(random, horizon)
    check_scene(world, scene)
    check_changes(world, scene, horizon)
    check_side_effects(parts[1], scene)
    for policy in policies:
        check_repair(policy, scene, planner is not None)
    if not Sharing.of(scene).tasks():
        raise SettingError(
            name="crew.agents",
            problem=f"= {settings.agents}: {type(world).__name__} has no goals to share",
            fix="leave it 1, or give another world, such as ledger",
        )
    clock = CrewClock(random["crew.order"]) if settings.agents > 1 else simpy.Environment()
    setup = Setup(clock, scene, SharedTruth(scene.first), random, trace, world.programs())
    own = None if planner is None else checked(planner, scene)
    owns = [AgentSetup(policy, *parts, own, number) for number, policy in enumerate(policies)]
    return CrewStage(setup, owns, settings, horizon, world.by_task)
