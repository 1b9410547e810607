"""Settings by their dotted names: from the words of a user to the parts of a condition."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from experiments.sweeps.names import policy_named, world_named
from sim import (
    Agent,
    Channel,
    Distribution,
    Episode,
    Handoff,
    Policy,
    SettingError,
    World,
    run,
)
from sim.episode import HORIZON
from sim.errors import nearest
from sim.parts import assemble, check_size
from sim.parts import settings_of as all_settings
from sim.settings import check_value

TOP = {
    "volatility": "mean exogenous changes of a changing fluent per unit of time",
    "horizon": "when an episode ends at the latest",
    "seed": "of the episode's random streams",
}
"""The settings that belong to no part."""


@dataclass(frozen=True)
class Setting:
    """One setting as a user meets it.

    Attributes:
        name: dotted, such as ``channel.latency``.
        default: what it is if not given.
        meaning: one line.
        unit: empty for none.
        kind: the type of its value, for people.
    """

    name: str
    default: Any
    meaning: str
    unit: str
    kind: str


@dataclass(frozen=True)
class Condition:
    """Everything that an episode needs but its seed."""

    world: World
    policy: Policy
    channel: Channel
    agent: Agent
    handoff: Handoff
    horizon: float = HORIZON
    oracle: bool = False

    def run(self, seed: int, trace: bool = False) -> Episode:
        """The episode of one seed."""
        return run(
            self.world,
            self.policy,
            seed=seed,
            horizon=self.horizon,
            channel=self.channel,
            agent=self.agent,
            handoff=self.handoff,
            oracle=self.oracle,
            trace=trace,
        )

    @property
    def settings(self) -> dict[str, Any]:
        """Every setting by its dotted name, with the value it has; under the oracle, the oracle's."""
        channel, agent, handoff = assemble(self.channel, self.agent, self.handoff, {}, self.oracle)
        return all_settings(self.world, self.policy, channel, agent, handoff, self.horizon)


def condition(
    world: str,
    policy: str,
    settings: Mapping[str, Any] | None = None,
    *,
    oracle: bool = False,
) -> Condition:
    """The condition that these words name.

    Args:
        world: a built-in world, or ``package.module:Name``.
        policy: a named policy, with arguments perhaps (``periodic(4)``), or ``package.module:Name``.
        settings: values by dotted name; a text is read as the setting's type.
        oracle: hear everything at once and think in no time.

    Raises:
        SettingError: a name is unknown, or a value of the wrong type or out of range.
    """
    kind, base = world_named(world), policy_named(policy)
    given: dict[str, dict[str, Any]] = {"world": {}, "policy": {}, "channel": {}, "agent": {}, "handoff": {}}
    known = {s.name for s in settings_of(kind, base)}
    horizon = HORIZON
    for name, value in (settings or {}).items():
        group, _, field = name.partition(".")
        if name == "volatility":
            given["world"]["volatility"] = _read(kind, "volatility", value, name)
        elif name == "horizon":
            horizon = _number(value, name)
        elif name not in known or name in TOP:
            raise SettingError(f"unknown setting {name!r}: {nearest(name, known)}")
        else:
            owner: Any = {
                "world": kind, "policy": type(base), "channel": Channel, "agent": Agent,
                "handoff": Handoff,
            }[group]  # fmt: skip
            given[group][field] = _read(owner, field, value, name)
    made = Condition(
        world=_make(kind, given["world"], "world"),
        policy=_make(base, given["policy"], "policy"),
        channel=_make(Channel(), given["channel"], "channel"),
        agent=_make(Agent(), given["agent"], "agent"),
        handoff=_make(Handoff(), given["handoff"], "handoff"),
        horizon=horizon,
        oracle=oracle,
    )
    check_size(made.world, made.channel, made.agent, horizon)
    return made


def settings_of(world: type[World] | None, policy: Policy | None) -> list[Setting]:
    """Every setting of this world and policy, of the channel, the agent and the hand-off.

    Leave `world` or `policy` out for those of the others alone.
    """
    rows = [
        Setting("volatility", 0.05, TOP["volatility"], "1/time", "number"),
        Setting("horizon", HORIZON, TOP["horizon"], "time", "number"),
        Setting("seed", 0, TOP["seed"], "", "whole number"),
    ]
    if world is not None:
        rows += fields_of(world, "world")
    if policy is not None:
        rows += fields_of(policy, "policy")
    return rows + fields_of(Channel, "channel") + fields_of(Agent, "agent") + fields_of(Handoff, "handoff")


def fields_of(part: Any, group: str) -> list[Setting]:
    """The settings of one part (a dataclass, or an instance whose values are the defaults)."""
    owner = part if isinstance(part, type) else type(part)
    hints = get_type_hints(owner)
    return [
        Setting(
            f"{group}.{field.name}",
            field.default if isinstance(part, type) else getattr(part, field.name),
            field.metadata["plandrift"]["meaning"],
            field.metadata["plandrift"]["unit"],
            _kind(hints[field.name], field.metadata["plandrift"]["choices"]),
        )
        for field in dataclasses.fields(owner)
        if "plandrift" in field.metadata and field.name != "volatility"
    ]


def _kind(hint: Any, choices: tuple[str, ...] | None) -> str:
    if choices:
        return " | ".join(choices)
    if hint is Distribution:
        return "time or distribution"
    text = getattr(hint, "__name__", str(hint)) if isinstance(hint, type) else str(hint)
    names = {"int": "whole number", "float": "number", "bool": "true | false", "str": "text"}
    if text == "float | dict[str, float]":
        return "number, or action=number,…"
    if text.startswith("tuple"):
        return "text,…"
    return names.get(text.removesuffix(" | None"), text)


def _make(part: Any, values: Mapping[str, Any], group: str) -> Any:
    try:
        return part(**values) if isinstance(part, type) else dataclasses.replace(part, **values)
    except SettingError as error:
        text = str(error)
        name = text.partition(" ")[0].partition("[")[0]
        dotted = name if "." in name or name == "volatility" else f"{group}.{name}"
        raise SettingError(dotted + text[len(name) :]) from None


def _read(owner: Any, field: str, value: Any, name: str) -> Any:
    """A value of the field's type from what the user gave.

    Raises:
        SettingError: it cannot be read as one.
    """
    hint = get_type_hints(owner)[field]
    if hint is Distribution:
        try:
            return Distribution.parse(value)
        except SettingError as error:
            raise SettingError(f"{name}: {error}") from None
    meta = next(f.metadata for f in dataclasses.fields(owner) if f.name == field)["plandrift"]
    if isinstance(value, str) and str(hint).startswith("tuple"):
        value = tuple(part.strip() for part in value.split(","))
    elif isinstance(value, str) and "dict[str, float]" in str(hint) and "=" in value:
        value = dict(part.strip().split("=", 1) for part in value.split(","))
    elif isinstance(value, str) and "None" in str(hint) and value in ("none", ""):
        value = None
    if isinstance(value, bool) and hint is not bool:
        raise SettingError(f"{name} = {value!r}: give a {_kind(hint, meta['choices'])}")
    try:
        read = TypeAdapter(hint).validate_python(value)
    except ValidationError:
        if meta["choices"]:
            raise SettingError(f"{name} = {value!r}: {nearest(str(value), meta['choices'])}") from None
        raise SettingError(f"{name} = {value!r}: give a {_kind(hint, None)}") from None
    check_value(name, read, meta)
    return read


def _number(value: Any, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise SettingError(f"{name} = {value!r}: give a number") from None
    if not math.isfinite(number) or number <= 0:
        raise SettingError(f"{name} = {value}: give a finite number above 0")
    return number
