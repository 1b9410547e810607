"""The available settings, by their dotted names."""

from __future__ import annotations

import dataclasses
import inspect
from dataclasses import dataclass
from typing import Any

from plandrift.experiments.sweeps.values import value_type
from plandrift.sim import Agent, Channel, Handoff, Policy, World
from plandrift.sim.engine.episode import HORIZON
from plandrift.sim.settings.crew import CrewSettings

TOP = {
    "volatility": "mean exogenous changes of a changing fluent per unit of time",
    "horizon": "latest time at which an episode ends",
    "seed": "seed for the episode's random streams",
}
"""The settings that belong to no part."""


@dataclass(frozen=True)
class Setting:
    """A setting as a user sees it.

    Attributes:
        name: the dotted name, such as ``channel.latency``.
        default: the default value.
        meaning: a one-line description.
        unit: the unit; empty if it has none.
        kind: the type of its value, for people.
    """

    name: str
    default: Any
    meaning: str
    unit: str
    kind: str


def about(thing: object) -> str:
    """Return a description of a world or policy: the first paragraph of its docstring."""
    text = inspect.getdoc(thing) or ""
    return " ".join(text.split("\n\n")[0].split())


def settings_of(world: type[World] | None, policy: Policy | None) -> list[Setting]:
    """Return every setting of this world and policy, the channel, the agent, the hand-off and the crew.

    If `world` or `policy` is None, its settings are left out.
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
    parts = (("channel", Channel), ("agent", Agent), ("handoff", Handoff), ("crew", CrewSettings))
    return rows + [setting for group, part in parts for setting in fields_of(part, group)]


def fields_of(part: Any, group: str) -> list[Setting]:
    """Return the settings of one part: a dataclass, or an instance whose values are the defaults."""
    owner = part if isinstance(part, type) else type(part)
    return [
        Setting(
            f"{group}.{field.name}",
            field.default if isinstance(part, type) else getattr(part, field.name),
            field.metadata["plandrift"]["meaning"],
            field.metadata["plandrift"]["unit"],
            str(value_type(owner, field.name)),
        )
        for field in dataclasses.fields(owner)
        if "plandrift" in field.metadata and field.name != "volatility"
    ]
