"""One episode: a world, a policy, a channel and an agent, put together and run to the end."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import simpy

from plandrift.sim.engine.agent_process import AgentProcess
from plandrift.sim.engine.setup import AgentSetup, Setup
from plandrift.sim.engine.stage import Stage
from plandrift.sim.interfaces.policy import Policy
from plandrift.sim.interfaces.world import World, check_scene
from plandrift.sim.measure.metrics import Metrics
from plandrift.sim.measure.records import StepRecord
from plandrift.sim.settings.agent import Agent, Handoff
from plandrift.sim.settings.assembly import settings_of
from plandrift.sim.settings.channel import Channel
from plandrift.sim.settings.crew import ALONE, CrewSettings
from plandrift.sim.settings.fields import check_value
from plandrift.sim.terms.fluents import Truth
from plandrift.sim.terms.streams import Streams
from plandrift.sim.trace.events import Event
from plandrift.sim.trace.files import Trace
from plandrift.sim.usercode.checks import (
    check_changes,
    check_kinds,
    check_repair,
    check_seed,
    check_side_effects,
    check_size,
)
from plandrift.sim.usercode.own_planner import OwnPlanner, checked

HORIZON = 200.0
"""The default horizon: the latest time at which an episode ends, in units of time."""

DEFAULTS = (Channel(), Agent(), Handoff())
"""The default channel, agent and hand-off."""


@dataclass(frozen=True, repr=False)
class Episode:
    """An episode that has been run.

    Attributes:
        world: the world and its settings.
        policy: the policy and its settings.
        seed: the seed of its random streams.
        horizon: the latest time at which it could have ended.
        channel: the settings of the observation channel.
        agent: the settings of planner and executor.
        handoff: the settings of the hand-off between them.
        metrics: its figures.
        steps: one record for each fired step whose call reached the world.
        end: ``done``, ``gave-up`` or ``horizon``.
        reason: why the agent gave up, or that no plan was ever found and why; empty if neither applies.
        events: the number of SimPy events it took.
        trace: every event in order; empty unless requested.
        crew: the settings of the crew.
        agents: each agent's own episode, if there is a crew; the figures above are then those of all.

    >>> from plandrift import run
    >>> from plandrift.policies import plan_once
    >>> from plandrift.worlds import Telegraph
    >>> episode = run(Telegraph(volatility=0.0), plan_once(), horizon=50)
    >>> episode.end, len(episode.steps), episode.settings["channel.sampling"]
    ('done', 10, 'push')
    """

    world: World
    policy: Policy
    seed: int
    horizon: float
    channel: Channel
    agent: Agent
    handoff: Handoff
    metrics: Metrics
    steps: tuple[StepRecord, ...]
    end: str
    reason: str
    events: int
    trace: tuple[Event, ...] = ()
    crew: CrewSettings = ALONE
    agents: tuple[Episode, ...] = ()

    @property
    def settings(self) -> dict[str, Any]:
        """Return every setting by its dotted name, with its value."""
        return settings_of(
            self.world,
            self.policy,
            self.channel,
            self.agent,
            self.handoff,
            self.horizon,
            self.crew,
            seed=self.seed,
        )

    def __repr__(self) -> str:
        m = self.metrics
        return (
            f"<Episode of {type(self.world).__name__} under {self.policy.name}, seed {self.seed}: {self.end} "
            f"at {m.duration:g}\n {m.steps_fired} steps fired, {m.misfires} misfires, {m.harm} harmful, "
            f"{m.refused} refused, {m.replans} replans\n plan staleness {m.plan_staleness:.3f}, goals met "
            f"{m.goals_met:.0%}>"
        )

    def _repr_html_(self) -> str:
        """What a notebook shows: the result, and a row per fired step."""
        headings = ("step", "time", "call", "staleness", "outcome")
        rows = [
            (str(one.step + 1), f"{one.time:g}", str(one.call), f"{one.staleness:.2f}", one.outcome)
            for one in self.steps
        ]
        lines = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
        head = "".join(f"<th>{name}</th>" for name in headings)
        return f"<p>{escape(repr(self)[1:-1])}</p><table><tr>{head}</tr>{lines}</table>"


def staged(
    world: World,
    policy: Policy,
    parts: tuple[Channel, Agent, Handoff],
    seed: int,
    horizon: float,
    planner: OwnPlanner | None = None,
    trace: Trace | None = None,
    agent: type[AgentProcess] = AgentProcess,
) -> Stage:
    """Return the stage of an episode that is about to begin.

    Raises:
        SettingError: the scene does not fit the settings.
    """
    random = Streams(seed)
    scene = world.begin(random, horizon)
    check_scene(world, scene)
    check_changes(world, scene, horizon)
    check_repair(policy, scene, planner is not None)
    check_side_effects(parts[1], scene)
    setup = Setup(simpy.Environment(), scene, Truth(scene.first), random, trace, world.programs())
    own = AgentSetup(policy, *parts, None if planner is None else checked(planner, scene))
    return Stage(setup, own, horizon, agent)


def episode_of(world: World, seed: int, stage: Stage, metrics: Metrics) -> Episode:
    """Return the episode that was run on a stage."""
    setup, own, state = stage.setup, stage.own, stage.agent.state
    return Episode(
        world=world,
        policy=own.policy,
        seed=seed,
        horizon=stage.horizon,
        channel=own.channel,
        agent=own.agent,
        handoff=own.handoff,
        metrics=metrics,
        steps=tuple(state.tracked.records),
        end=str(stage.ended),
        reason=state.reason,
        events=stage.events,
        trace=tuple(setup.trace.events) if setup.trace is not None else (),
    )


def check_run(
    world: World, policy: Policy, parts: tuple[Channel, Agent, Handoff], seed: int, horizon: float
) -> None:
    """Check the arguments of an episode before it begins.

    Raises:
        SettingError: the message names what is wrong, and what is accepted.
    """
    check_kinds(world, policy)
    check_seed(seed)
    check_value("horizon", horizon, {"above": 0})
    check_size(world, parts[0], parts[1], horizon)
