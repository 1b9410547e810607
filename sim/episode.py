"""One episode: a world, a policy, a channel and an agent put together and run to the end."""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import simpy

from sim.agent import ORACLE, Agent, Handoff
from sim.channel import Channel, Line
from sim.clock import WORLD, Alarm
from sim.desk import Desk
from sim.distribution import Distribution
from sim.errors import RunawayError, SettingError, nearest
from sim.executor import Executor
from sim.meter import Meter
from sim.metrics import Metrics, count_failures, count_steps
from sim.picture import Picture
from sim.policy import Policy
from sim.settings import check_value, setting
from sim.stage import Stage
from sim.step_record import StepRecord
from sim.streams import Streams
from sim.trace import Event, Trace
from sim.world import Scene, World, check_scene

HORIZON = 200.0
"""When an episode ends at the latest, in units of time, unless told otherwise."""

DEFAULTS = (Channel(), Agent(), Handoff())
"""What channel, agent and hand-off are where they are not given."""

AT_ONE_INSTANT = 100_000
"""More events than this at one instant, and the clock is taken to be stuck."""

IN_ALL = 50_000_000
"""More events than this in one episode are refused as a mistake."""


@dataclass(frozen=True)
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
        steps: one record for each step fired.
        end: ``done``, ``gave-up`` or ``horizon``.
        reason: why the agent gave up, empty if it did not.
        events: how many SimPy events it took.
        trace: every event in order; empty unless it was asked for.
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


def settings_of(
    world: World, policy: Policy, channel: Channel, agent: Agent, handoff: Handoff, horizon: float,
    **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """Every setting of these parts by its dotted name; `more` stands between the first and the parts'."""
    settings: dict[str, Any] = {"volatility": world.volatility, "horizon": horizon} | more
    parts = {"world": world, "channel": channel, "agent": agent, "handoff": handoff, "policy": policy}
    for group, part in parts.items():
        for field in dataclasses.fields(part):
            if "plandrift" in field.metadata and field.name != "volatility":
                value = getattr(part, field.name)
                if isinstance(value, Distribution):
                    value = str(value) if value.fixed is None else value.fixed
                settings[f"{group}.{field.name}"] = value
    return settings


def run(
    world: World,
    policy: Policy,
    *,
    seed: int = 0,
    horizon: float = HORIZON,
    channel: Channel | None = None,
    agent: Agent | None = None,
    handoff: Handoff | None = None,
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
        oracle: hear everything at once and think in no time, whatever the channel and agent say.
        trace: keep every event.
        **settings: single fields of channel, agent or hand-off by name, such as ``latency=1.0``;
            a time may be a number or a text such as ``"exponential(2)"``.

    Raises:
        SettingError: a setting has an unknown name, or a value out of range.
        WorldError: the world named a fluent that it does not have, or a change in the past.
        PolicyError: the policy gave an answer that is none.
        RunawayError: the episode did not stop by itself.

    >>> from worlds import Records
    >>> from policies import gated
    >>> episode = run(Records(volatility=0.05), gated(), latency=1.0, seed=7)
    >>> episode.end
    'done'
    """
    parts = assemble(channel or DEFAULTS[0], agent or DEFAULTS[1], handoff or DEFAULTS[2], settings, oracle)
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise SettingError(f"seed = {seed!r}: give a whole number of at least 0")
    check_value("horizon", horizon, setting(HORIZON, "", above=0).metadata["plandrift"])
    check_size(world, parts[0], parts[1], horizon)
    return _Run(world, policy, seed, float(horizon), *parts, trace=trace).play()


def assemble(
    channel: Channel, agent: Agent, handoff: Handoff, settings: Mapping[str, Any], oracle: bool
) -> tuple[Channel, Agent, Handoff]:
    """Channel, agent and hand-off with single fields replaced by name, and the oracle's if asked for.

    Raises:
        SettingError: no part has a field of that name, or the value is out of range.
    """
    if not settings and not oracle:
        return channel, agent, handoff
    changes: list[dict[str, Any]] = [{}, {}, {}]
    parts: tuple[Channel, Agent, Handoff] = (channel, agent, handoff)
    owners = {f.name: i for i, part in enumerate(parts) for f in dataclasses.fields(part)}
    for name, value in settings.items():
        if name not in owners:
            raise SettingError(f"unknown setting {name!r}: {nearest(name, owners)}")
        part = owners[name]
        if isinstance(getattr(parts[part], name), Distribution):
            value = Distribution.parse(value)
        elif name == "scope" and isinstance(value, str):
            value = tuple(pattern.strip() for pattern in value.split(","))
        changes[part][name] = value
    if oracle:
        changes[0].update(ORACLE["channel"])
        changes[1].update(ORACLE["agent"])
    return (
        dataclasses.replace(channel, **changes[0]),
        dataclasses.replace(agent, **changes[1]),
        dataclasses.replace(handoff, **changes[2]),
    )


def check_size(world: World, channel: Channel, agent: Agent, horizon: float) -> None:
    """Refuse settings that ask for more events in one episode than anybody can want.

    Raises:
        SettingError: the line names the setting and the nearest value that is taken.
    """
    most = IN_ALL / 10
    if channel.sampling == "poll" and horizon / channel.poll_every > most:
        raise SettingError(
            f"channel.poll_every = {channel.poll_every:g}: that is {horizon / channel.poll_every:.0e} "
            f"polls up to the horizon of {horizon:g}: give at least {horizon / most:g}"
        )
    if horizon / agent.step_duration.mean > most:
        raise SettingError(
            f"agent.step_duration = {agent.step_duration}: too short for a horizon of {horizon:g}: "
            f"give at least {horizon / most:g}"
        )
    if world.volatility * horizon > most:
        raise SettingError(
            f"volatility = {world.volatility:g}: too many changes up to the horizon of {horizon:g}: "
            f"give at most {most / horizon:g}"
        )


class _Run:
    """The parts of one episode, wired to each other."""

    def __init__(
        self,
        world: World,
        policy: Policy,
        seed: int,
        horizon: float,
        channel: Channel,
        agent: Agent,
        handoff: Handoff,
        trace: bool,
    ) -> None:
        self.world, self.policy, self.seed, self.horizon = world, policy, seed, horizon
        self.channel, self.agent, self.handoff = channel, agent, handoff
        self.env = env = simpy.Environment()
        self.trace = Trace() if trace else None
        self.random = random = Streams(seed)
        self.scene: Scene = world.begin(random, horizon)
        check_scene(world, self.scene)
        self.truth = Picture(self.scene.first, self.scene.goals)
        self.meter = Meter()
        self.ended: str | None = None
        self.desk = Desk(
            env, self.scene, policy, agent, handoff, self.truth, random, self.meter, self._wake,
            self.trace,
        )  # fmt: skip
        self.stage = Stage(env, self.scene, self.truth, self.desk.world_wrote, self.trace)
        self.line = Line(env, channel, self.truth, random, self.desk.deliver, self.trace)
        self.stage.connect(self.line)
        self.executor = Executor(
            env, self.scene, policy, agent, self.desk, self.stage, self.line, self.meter, random,
            self._end, self.trace,
        )  # fmt: skip

    def play(self) -> Episode:
        """Run to the end and measure."""
        env = self.env
        Alarm(env, lambda _: self._end("horizon"), WORLD).set(self.horizon)
        self.desk.planner.request("start")
        env.process(self.executor.run())
        # An episode makes little garbage in cycles, and none that lives on: collecting meanwhile
        # would cost a tenth of the time.
        collecting = gc.isenabled()
        gc.disable()
        try:
            events = self._turn()
        finally:
            if collecting:
                gc.enable()
        return self._measure(events)

    def _turn(self) -> int:
        step, env = self.env.step, self.env
        count = 0
        then = -1.0
        while self.ended is None:
            for _ in range(AT_ONE_INSTANT):
                step()
                count += 1
                if self.ended is not None:
                    return count
            if env.now == then or count > IN_ALL:
                raise RunawayError(
                    f"{count} events and the clock at {env.now:g} of {self.horizon:g}: the world or "
                    "the policy never lets time go on; look at the times that they give"
                )
            then = env.now
        return count

    def _wake(self) -> None:
        self.executor.wake()

    def _end(self, how: str) -> None:
        if self.ended is not None:
            return
        self.ended = how
        self.desk.planner.stop()
        self.meter.advance(self.env.now)
        self.executor.close()

    def _measure(self, events: int) -> Episode:
        steps = tuple(self.executor.records)
        counts, tallies = self.desk.counts, self.executor.tallies
        goals, unmet = len(self.scene.goals), self.truth.unmet
        gave_up = self.ended == "gave-up"
        false_completion = self.ended == "done" and bool(unmet)
        reached, reachable = self.scene.score(self.truth.values)
        causes, mast = count_failures(steps, gave_up, false_completion)
        fired = count_steps(steps)
        duration = self.env.now
        metrics = Metrics(
            **self.meter.averages(),
            **fired,
            blocks=counts.blocks,
            false_blocks=tallies.false_blocks,
            replans=counts.replans,
            thinking_time=counts.thinking,
            goals_met=1 - unmet / goals if goals else 1.0,
            success=int(not unmet),
            false_completion=int(false_completion),
            duration=duration,
            effectiveness=reached / reachable if reachable else float("nan"),
            mismatches=fired["mismatches_fired"] + tallies.mismatches_blocked,
            mismatches_blocked=tallies.mismatches_blocked,
            verified=tallies.verified,
            gave_up=int(gave_up),
            thinking_share=counts.thinking / duration if duration else 0.0,
            storms=self.desk.storms.count,
            opportunity_staleness=self.meter.opportunity,
            plan_ratio=self.desk.planner.length_ratio,
            plan_distance=self.desk.plan_distance,
            expansions=counts.expansions,
            causes=causes,
            mast=mast,
        )
        reason = self.desk.gave_up or ""
        if self.trace is not None:
            self.trace.add(
                duration, "end", how=self.ended, reason=reason, unmet=unmet, goals=goals,
                score=[reached, reachable], thinking_time=counts.thinking,
            )  # fmt: skip
        return Episode(
            world=self.world,
            policy=self.policy,
            seed=self.seed,
            horizon=self.horizon,
            channel=self.channel,
            agent=self.agent,
            handoff=self.handoff,
            metrics=metrics,
            steps=steps,
            end=str(self.ended),
            reason=reason,
            events=events,
            trace=tuple(self.trace.events) if self.trace is not None else (),
        )
