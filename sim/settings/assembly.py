"""Building the settings of an episode from names, and listing them by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from plandrift.sim.settings.agent import ORACLE, Agent, Handoff
from plandrift.sim.settings.channel import Channel
from plandrift.sim.settings.crew import ALONE, CrewSettings
from plandrift.sim.settings.distribution import Distribution
from plandrift.sim.settings.fields import Settings
from plandrift.sim.terms.errors import SettingError, nearest


def settings_of(
    world: Settings,
    policy: Settings,
    channel: Channel,
    agent: Agent,
    handoff: Handoff,
    horizon: float,
    crew: CrewSettings = ALONE,
    **more: Any,
) -> dict[str, Any]:
    """Return every setting of these parts by its dotted name, with `more` inserted after the first part."""
    settings: dict[str, Any] = {"volatility": vars(world)["volatility"], "horizon": horizon} | more
    parts = {"world": world, "channel": channel, "agent": agent, "handoff": handoff, "crew": crew}
    parts["policy"] = policy
    for group, part in parts.items():
        for field in dataclasses.fields(part):
            if "plandrift" in field.metadata and field.name != "volatility":
                value = getattr(part, field.name)
                if isinstance(value, Distribution):
                    value = str(value) if value.fixed is None else value.fixed
                settings[f"{group}.{field.name}"] = value
    return settings


def assemble(
    channel: Channel, agent: Agent, handoff: Handoff, settings: Mapping[str, Any], oracle: bool
) -> tuple[Channel, Agent, Handoff]:
    """Return channel, agent and hand-off with named fields replaced, and the oracle's settings if requested.

    Raises:
        SettingError: no part has a field with that name, or the value is out of range.
    """
    if not settings and not oracle:
        return channel, agent, handoff
    changes: list[dict[str, Any]] = [{}, {}, {}]
    parts: tuple[Channel, Agent, Handoff] = (channel, agent, handoff)
    owners = {f.name: i for i, part in enumerate(parts) for f in dataclasses.fields(part)}
    for name, value in settings.items():
        if name not in owners:
            fix = nearest(name, owners)
            raise SettingError(f"unknown setting {name!r}: {fix}", name=name, problem="is unknown", fix=fix)
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
