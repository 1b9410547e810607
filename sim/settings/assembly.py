"""The settings that an episode is made of: put together by name, listed by name, held against each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from plandrift.sim.interfaces.planning import Planning
from plandrift.sim.interfaces.policy import Policy
from plandrift.sim.interfaces.world import Scene, World
from plandrift.sim.settings.agent import ORACLE, Agent, Handoff
from plandrift.sim.settings.channel import Channel
from plandrift.sim.settings.distribution import Distribution
from plandrift.sim.terms.errors import SettingError, nearest

IN_ALL = 50_000_000
"""More events than this in one episode are refused as a mistake."""

MOST = 2_000_000
"""So many changes, polls or steps an episode may come to: the slowest named policy takes minutes for them."""


def settings_of(
    world: World,
    policy: Policy,
    channel: Channel,
    agent: Agent,
    handoff: Handoff,
    horizon: float,
    **more: Any,
) -> dict[str, Any]:
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


def check_seed(seed: object) -> None:
    """Refuse a seed that no streams can be split from.

    Raises:
        SettingError: it is no whole number from 0 to below 2⁶³.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise SettingError(name="seed", problem=f"= {seed!r}", fix="give a whole number of at least 0")
    if seed >= 1 << 63:
        raise SettingError(name="seed", problem="is too great", fix=f"give a whole number below {1 << 63}")


def check_size(world: World, channel: Channel, agent: Agent, horizon: float) -> None:
    """Refuse settings that ask for more events in one episode than anybody can want, or that do nothing.

    Raises:
        SettingError: the line names the setting and the nearest value that is taken.
    """
    most = MOST
    if channel.sampling == "poll" and horizon / channel.poll_every > most:
        raise SettingError(
            name="channel.poll_every",
            problem=f"= {channel.poll_every:g}: that is {horizon / channel.poll_every:.0e} polls up to the "
            f"horizon of {horizon:g}",
            fix=f"give at least {horizon / most:g}",
        )
    if horizon / agent.step_duration.mean > most:
        raise SettingError(
            name="agent.step_duration",
            problem=f"= {agent.step_duration}: too short for a horizon of {horizon:g}",
            fix=f"give at least {horizon / most:g}",
        )
    _check_changes(world, horizon, 1)
    if agent.lost_ack and agent.ack_timeout.mean < agent.step_duration.mean:
        raise SettingError(
            name="agent.ack_timeout",
            problem=f"= {agent.ack_timeout}: a call is answered after agent.step_duration = "
            f"{agent.step_duration} at the earliest",
            fix="give at least that",
        )


def check_changes(world: World, scene: Scene, horizon: float) -> None:
    """Refuse a volatility at which all fluents together change more often than anybody can want.

    Raises:
        SettingError: the line names the greatest volatility, and the greatest horizon, that is taken.
    """
    _check_changes(world, horizon, len(scene.first))


def _check_changes(world: World, horizon: float, fluents: int) -> None:
    changes = world.expected_changes(fluents, horizon)
    if changes > MOST:
        of = "a fluent" if fluents == 1 else f"its {fluents} fluents"
        raise SettingError(
            name="volatility",
            problem=f"= {world.volatility:g}: that is {changes:.0e} changes of {of} up to the horizon of "
            f"{horizon:g}",
            fix=f"give at most {world.volatility * MOST / changes:g}, or a horizon of at most "
            f"{horizon * MOST / changes:g}",
        )


def check_repair(policy: Policy, scene: Scene, own_planner: bool) -> None:
    """Refuse a policy that repairs plans where nothing does.

    Raises:
        SettingError: the scene, or the planner in its place, plans from nothing each time.
    """
    if policy.repairs and (own_planner or type(Planning.of(scene)).repair is Planning.repair):
        who = "a planner of one's own" if own_planner else type(scene).__name__
        raise SettingError(
            name="policy.repair",
            problem=f"= True: {who} plans from nothing each time",
            fix="leave it False, or give a world whose plans can be repaired, such as pddl",
        )


def check_side_effects(agent: Agent, scene: Scene) -> None:
    """Refuse side effects of calls that have none.

    Raises:
        SettingError: the scene does not say what they would be.
    """
    if agent.side_effects and type(scene).side_effects is Scene.side_effects:
        raise SettingError(
            name="agent.side_effects",
            problem=f"= {agent.side_effects!r}: calls of {type(scene).__name__} have none",
            fix="leave it 0, or give a world whose scene has `side_effects`, such as files",
        )


def check_kinds(world: object, policy: object) -> None:
    """Say what was meant where a world's or policy's name, class or maker stands in its place.

    Raises:
        SettingError: one of the two is not what it should be.
    """
    for name, given, kind in (("world", world, World), ("policy", policy, Policy)):
        if isinstance(given, kind):
            continue
        if isinstance(given, str):
            fix = f"give the {name} itself, such as " + (
                "plandrift.worlds.Records()" if kind is World else "plandrift.policies.gated()"
            )
            shown = repr(given)
        elif callable(given):
            shown = getattr(given, "__name__", repr(given))
            fix = f"call it: give {shown}()"
        else:
            shown, fix = f"{given!r:.60}", f"give a plandrift.{kind.__name__}"
        raise SettingError(f"{name} = {shown}: that is no {name}: {fix}")
