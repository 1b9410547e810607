"""One condition, from the spec to the row: the words that describe it, and what is run for them."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from plandrift.experiments.sweeps.names import policy_named, world_named
from plandrift.experiments.sweeps.plain_values import PlainValue, plain_value
from plandrift.experiments.sweeps.settings import TOP, settings_of
from plandrift.experiments.sweeps.values import positive, read_value
from plandrift.experiments.sweeps.wall_clock_limit import wall_clock_limit
from plandrift.sim import (
    Agent,
    Channel,
    Episode,
    Handoff,
    OwnPlanner,
    Policy,
    SettingError,
    Streams,
    World,
    plain,
    run,
)
from plandrift.sim.crew.crew import check_crew
from plandrift.sim.engine.episode import HORIZON
from plandrift.sim.settings.assembly import assemble
from plandrift.sim.settings.assembly import settings_of as all_settings
from plandrift.sim.settings.crew import CrewSettings
from plandrift.sim.terms.errors import nearest
from plandrift.sim.usercode.answers import answering
from plandrift.sim.usercode.checks import MOST, check_changes, check_repair, check_size
from plandrift.sim.usercode.own_code import blamed

NAMED = ("world", "policy", "oracle")
"""The words that describe a condition, apart from its settings."""


FLUENTS = 10_000
"""The fluents assumed when deciding whether a scene must be begun to check how often it changes."""


class EngineParts(NamedTuple):
    """What a condition's words stand for, in the engine's terms."""

    world: World
    policy: Policy
    channel: Channel
    agent: Agent
    handoff: Handoff
    horizon: float
    crew: CrewSettings


@dataclass(frozen=True, eq=False)
class Condition:
    """Everything that an episode needs except its seed, by name.

    A condition is made by `condition`, kept in a sweep's manifest, sent to the workers, and named in its
    rows.

    Attributes:
        id: twelve hexadecimal digits that depend only on the words below.
        world: the world's name.
        policy: the policy's name.
        oracle: whether it is run under the oracle setting.
        given: the settings given, by dotted name.
        settings: every setting with its value, including defaults; under the oracle setting, the oracle's
            values.
    """

    id: str
    world: str
    policy: str
    oracle: bool
    given: dict[str, Any]
    settings: dict[str, Any]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Condition) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def parts(self) -> EngineParts:
        """Return what is run."""
        return _parts_of(self)

    def value(self, name: str) -> PlainValue:
        """Return the value of a setting, of `world`, `policy` or `oracle`: as given, or its default."""
        if name in NAMED:
            return plain_value(getattr(self, name))
        return plain_value(self.given.get(name, self.settings.get(name)))

    @property
    def of_world(self) -> dict[str, Any]:
        """Return the values given for the world's own settings."""
        return {name: value for name, value in self.given.items() if name.startswith("world.")}

    def programs(self) -> Mapping[str, str]:
        """Return the version of each program that the world's planner runs, whatever the policy's name."""
        return _assembled(self.world, "plan-once", self.of_world).world.programs()

    def run(self, seed: int, trace: bool = False, planner: OwnPlanner | None = None) -> Episode:
        """Run one seed's episode; `planner`, if given, replaces the world's own planner."""
        return _run(self.parts, seed, self.oracle, trace, planner)

    def run_oracle(self, seed: int, policy: Policy) -> Episode:
        """Run another policy's episode on the same seed, under the oracle setting."""
        return _run(self.parts._replace(policy=policy), seed, oracle=True)


def condition(
    world: str,
    policy: str,
    settings: Mapping[str, Any] | None = None,
    *,
    oracle: bool = False,
) -> Condition:
    """Return the condition described by these words.

    Args:
        world: a built-in world, or ``package.module:Name``.
        policy: a named policy, optionally with arguments (``periodic(4)``), or ``package.module:Name``.
        settings: values by dotted name; a text is parsed as the setting's type.
        oracle: whether the agent hears everything at once and thinks in no time.

    Raises:
        SettingError: a name is unknown, or a value has the wrong type or is out of range.
    """
    given = {name: _tidy(name, value) for name, value in (settings or {}).items()}
    parts = _assembled(world, policy, given)
    words = json.dumps([world, policy, oracle, sorted(given.items())], sort_keys=True, default=str)
    channel, agent, handoff = assemble(parts.channel, parts.agent, parts.handoff, {}, oracle)
    resolved: dict[str, Any] = plain(
        all_settings(parts.world, parts.policy, channel, agent, handoff, parts.horizon, parts.crew)
    )
    name = hashlib.sha256(words.encode()).hexdigest()[:12]
    return Condition(name, world, policy, oracle, dict(sorted(given.items())), resolved)


def for_one_agent(one: Condition, what: str) -> Condition:
    """Return the condition, if a single agent acts in it.

    Args:
        one: the condition.
        what: what takes only one, such as ``a film``.

    Raises:
        SettingError: it has a crew.
    """
    agents = one.parts.crew.agents
    if agents > 1:
        raise SettingError(
            name="crew.agents",
            problem=f"= {agents}: {what} is for one agent",
            fix="leave it 1, or use `plandrift run --narrate`, `plandrift replay` or a sweep",
        )
    return one


@lru_cache(maxsize=4096)
def _parts_of(one: Condition) -> EngineParts:
    return _assembled(one.world, one.policy, one.given)


def _assembled(world: str, policy: str, settings: Mapping[str, Any]) -> EngineParts:
    with wall_clock_limit(), blamed():
        return _put_together(world, policy, settings)


def _put_together(world: str, policy: str, settings: Mapping[str, Any]) -> EngineParts:
    kind, base = world_named(world), policy_named(policy)
    owners = {"world": kind, "policy": type(base), "channel": Channel, "agent": Agent, "handoff": Handoff}
    owners["crew"] = CrewSettings
    given: dict[str, dict[str, Any]] = {group: {} for group in owners}
    known = {s.name for s in settings_of(kind, base)}
    horizon = HORIZON
    for name, value in settings.items():
        group, _, field = name.partition(".")
        if name == "volatility":
            given["world"]["volatility"] = read_value(kind, "volatility", value, name)
        elif name == "horizon":
            horizon = positive(value, name)
        elif name not in known or name in TOP:
            fix = nearest(name, known)
            raise SettingError(f"unknown setting {name!r}: {fix}", name=name, problem="is unknown", fix=fix)
        else:
            given[group][field] = read_value(owners[group], field, value, name)
    made = EngineParts(
        world=_made(kind, given["world"], "world"),
        policy=_made(base, given["policy"], "policy"),
        channel=_made(Channel(), given["channel"], "channel"),
        agent=_made(Agent(), given["agent"], "agent"),
        handoff=_made(Handoff(), given["handoff"], "handoff"),
        horizon=horizon,
        crew=_made(CrewSettings(), given["crew"], "crew"),
    )
    check_crew(made.world, made.crew, made.agent)
    check_size(made.world, made.channel, made.agent, horizon)
    busy = made.world.volatility * horizon > MOST / FLUENTS
    if busy or made.policy.repairs:
        scene = answering(made.world).begin(Streams(0), horizon)
        check_repair(made.policy, scene, own_planner=False)
        if busy:
            check_changes(made.world, scene, horizon)
    return made


def _made(part: Any, values: Mapping[str, Any], group: str) -> Any:
    try:
        return part(**values) if isinstance(part, type) else dataclasses.replace(part, **values)
    except SettingError as error:
        if not error.name or "." in error.name or error.name == "volatility":
            raise
        raise error.named(f"{group}.{error.name}") from None


def _run(
    parts: EngineParts,
    seed: int,
    oracle: bool,
    trace: bool = False,
    planner: OwnPlanner | None = None,
) -> Episode:
    world, policy = answering(parts.world), answering(parts.policy)
    with wall_clock_limit(), blamed():
        episode = run(
            world,
            policy,
            seed=seed,
            horizon=parts.horizon,
            channel=parts.channel,
            agent=parts.agent,
            handoff=parts.handoff,
            crew=parts.crew,
            planner=planner,
            oracle=oracle,
            trace=trace,
        )
    if world is parts.world and policy is parts.policy:
        return episode
    return dataclasses.replace(episode, world=parts.world, policy=parts.policy)


def _tidy(name: str, value: Any) -> Any:
    """1 and 1.0 are the same value."""
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    try:
        return float(value)
    except OverflowError:
        raise SettingError(
            name=name, problem="has more than 300 digits", fix="give a smaller number"
        ) from None
