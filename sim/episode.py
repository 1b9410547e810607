"""One episode: a world, a policy, a channel and an agent put together and run to the end."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import Any

import simpy

from sim.agent import Agent, Handoff
from sim.agent_state import AgentState
from sim.channel import Channel
from sim.clock import WORLD, Alarm
from sim.environment import Environment
from sim.errors import RunawayError
from sim.events import Ended, Event, Started
from sim.executor import Executor
from sim.fluents import FluentState
from sim.line import Line
from sim.meter import BeliefAge, Meter
from sim.metrics import Measured, Metrics, taken_from
from sim.opportunity import Opportunity
from sim.own_planner import OwnPlanner, checked
from sim.parts import IN_ALL, assemble, check_kinds, check_repair, check_seed, check_size, settings_of
from sim.policy import Policy
from sim.settings import check_value, setting
from sim.setup import Setup
from sim.step_record import StepRecord
from sim.streams import Streams
from sim.trace import Trace
from sim.tracked_plan import TrackedPlan
from sim.world import Scene, World, check_scene

HORIZON = 200.0
"""When an episode ends at the latest, in units of time, unless told otherwise."""

DEFAULTS = (Channel(), Agent(), Handoff())
"""What channel, agent and hand-off are where they are not given."""

AT_ONE_INSTANT = 100_000
"""More events than this at one instant, and the clock is taken to be stuck."""


@dataclass(frozen=True, repr=False)
class Episode:
    """An episode that has been run.

    Attributes:
        world: the world and its settings.
        policy: the policy and its settings.
        seed: of the episode's random streams.
        horizon: when it would have ended at the latest.
        channel: the observation channel.
        agent: planner and executor.
        handoff: how plans got from one to the other.
        metrics: what was measured.
        steps: one record for each step fired whose call reached the world.
        end: ``done``, ``gave-up`` or ``horizon``.
        reason: why the agent gave up, empty if it did not.
        events: how many SimPy events it took.
        trace: every event in order; empty unless it was asked for.

    >>> from policies import plan_once
    >>> from worlds import Telegraph
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

    @property
    def settings(self) -> dict[str, Any]:
        """Every setting by its dotted name, with the value it had."""
        return settings_of(
            self.world, self.policy, self.channel, self.agent, self.handoff, self.horizon, seed=self.seed
        )

    def __repr__(self) -> str:
        m = self.metrics
        return (
            f"<Episode of {type(self.world).__name__} under {self.policy.name}, seed {self.seed}: {self.end} "
            f"at {m.duration:g}\n {m.steps_fired} steps fired, {m.misfires} misfires, {m.harm} harmful, "
            f"{m.refused} refused, {m.replans} replans\n plan staleness {m.plan_staleness:.3f}, goals met "
            f"{m.goals_met:.0%}>"
        )


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
    **settings: Any,
) -> Episode:
    """Run one episode.

    Args:
        world: the world and its settings.
        policy: the policy.
        seed: of all random streams; the same seed gives the same episode, and the same exogenous
            events under every policy.
        horizon: when it ends at the latest, in units of time.
        channel: the observation channel; a lossless push channel with no latency if not given.
        agent: planner and executor; no time but a step's duration of 1 and no faults if not given.
        handoff: how a plan gets from planner to executor; shared and instant if not given.
        planner: plans in place of the world's own planner; see `OwnPlanner`.
        oracle: hear everything at once and think in no time, whatever the channel and agent say.
        trace: keep every event.
        **settings: single fields of channel, agent or hand-off by name, such as ``latency=1.0``;
            a time may be a number or a text such as ``"exponential(2)"``.

    Raises:
        SettingError: a setting has an unknown name, or a value out of range.
        WorldError: the world named a fluent that it does not have, or a change in the past.
        PolicyError: the policy gave an answer that is none.
        PlannerError: the planner raised, or gave what is no plan.
        RunawayError: the episode did not stop by itself.

    >>> from worlds import Records
    >>> from policies import gated
    >>> episode = run(Records(volatility=0.05), gated(), latency=1.0, seed=7)
    >>> episode.end
    'done'
    """
    check_kinds(world, policy)
    parts = assemble(channel or DEFAULTS[0], agent or DEFAULTS[1], handoff or DEFAULTS[2], settings, oracle)
    check_seed(seed)
    check_value("horizon", horizon, setting(HORIZON, "", above=0).metadata["plandrift"])
    check_size(world, parts[0], parts[1], horizon)
    random = Streams(seed)
    scene = world.begin(random, float(horizon))
    check_scene(world, scene)
    check_repair(policy, scene, planner is not None)
    setup = Setup(
        clock=simpy.Environment(),
        scene=scene,
        policy=policy,
        channel=parts[0],
        agent=parts[1],
        handoff=parts[2],
        planner=None if planner is None else checked(planner, scene),
        random=random,
        trace=Trace() if trace else None,
    )
    played = _Run(setup, float(horizon))
    played.play()
    return Episode(
        world=world,
        policy=policy,
        seed=seed,
        horizon=float(horizon),
        channel=setup.channel,
        agent=setup.agent,
        handoff=setup.handoff,
        metrics=played.metrics(),
        steps=tuple(played.executor.records),
        end=str(played.ended),
        reason=played.state.gave_up or "",
        events=played.events,
        trace=tuple(setup.trace.events) if setup.trace is not None else (),
    )


def tracking(setup: Setup) -> TrackedPlan:
    """What tracks the plan in hand of an episode that is about to begin."""
    scene: Scene = setup.scene
    truth, belief = FluentState(scene.first, scene.goals), FluentState(scene.first, scene.goals)
    chance = Opportunity(scene.plan) if scene.watched else None
    seen = setup.channel.visible(scene.first)
    # What a world keeps from the channel can change with no news of it.
    silence = setup.channel.silence if type(scene).announced is Scene.announced else None
    if setup.trace is not None:
        seed = setup.random.seed
        setup.trace.add(Started(0.0, setup.policy.name, seed, dict(scene.first), scene.goals, silence, seen))
    return TrackedPlan(
        setup.clock, truth, belief, Meter(chance), BeliefAge(belief, silence, seen), setup.trace
    )


class _Run:
    """The parts of one episode, wired to each other."""

    def __init__(self, setup: Setup, horizon: float) -> None:
        self.setup, self.horizon = setup, horizon
        self.ended: str | None = None
        self.events = 0
        self.tracked = tracking(setup)
        self.state = AgentState(setup, self.tracked, self._wake)
        line = Line(setup, self.tracked.truth, self.state.deliver)
        environment = Environment(setup, self.tracked, line)
        self.executor = Executor(setup, self.state, environment, line, self._end)

    def play(self) -> None:
        """Run to the end."""
        clock = self.setup.clock
        Alarm(clock, lambda _: self._end("horizon"), WORLD).set(self.horizon)
        self.state.planner.request("start")
        clock.process(self.executor.run())
        # An episode makes little garbage in cycles, and none that lives on: collecting meanwhile
        # would cost a tenth of the time.
        collecting = gc.isenabled()
        gc.disable()
        try:
            self.events = self._turn()
        finally:
            if collecting:
                gc.enable()

    def metrics(self) -> Metrics:
        """What was measured, and the trace's last event."""
        score = self.setup.scene.score(self.tracked.truth.values)
        counts, duration = self.state.counts, self.setup.clock.now
        measured = Measured(
            tracked=self.tracked,
            steps=self.executor.records,
            thinking=counts.thinking,
            expansions=counts.expansions,
            plan_ratio=self.state.planner.length_ratio,
            opportunity=self.tracked.meter.opportunity,
            end=str(self.ended),
            duration=duration,
            score=score,
        )
        if self.setup.trace is not None:
            self.setup.trace.add(
                Ended(
                    duration,
                    measured.end,
                    self.state.gave_up or "",
                    measured.unmet,
                    len(self.setup.scene.goals),
                    score,
                    measured.thinking,
                    measured.expansions,
                    measured.plan_ratio,
                    measured.opportunity,
                )
            )
        return taken_from(measured)

    def _turn(self) -> int:
        step, clock = self.setup.clock.step, self.setup.clock
        count = 0
        then = -1.0
        while self.ended is None:
            for _ in range(AT_ONE_INSTANT):
                step()
                count += 1
                if self.ended is not None:
                    return count
            if clock.now == then or count > IN_ALL:
                raise RunawayError(
                    f"{count} events and the clock at {clock.now:g} of {self.horizon:g}: the world or "
                    "the policy never lets time go on; look at the times that they give"
                )
            then = clock.now
        return count

    def _wake(self) -> None:
        self.executor.wake()

    def _end(self, how: str) -> None:
        if self.ended is not None:
            return
        self.ended = how
        self.state.planner.stop()
        self.tracked.ended()
        self.executor.close()
