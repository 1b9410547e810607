"""The conditions that the twin can run, and what keeps it from running others."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from plandrift.experiments.twin import layout as at
from plandrift.policies import GATES, TRIGGERS, Assembled
from plandrift.sim import Agent, ArrayForm, ArrayScene, Channel, Handoff, Policy, Streams, World
from plandrift.sim.interfaces.world import check_scene
from plandrift.sim.usercode.checks import check_changes, check_side_effects

TRIGGER = {
    "never": at.NEVER,
    "observation": at.OBSERVATION,
    "touched": at.TOUCHED,
    "broken": at.BROKEN,
    "better": at.BETTER,
    "new": at.NEW,
    "steps": at.EVERY,
}
"""The triggers that the twin has; an array scene offers nothing better."""
GATE = frozenset({"idempotent", "reconcile", "drift_gate"})
"""The gates that the twin has."""
PARTS = frozenset(
    {"trigger", "every", "watches", "verify", "reads", "compares", "on_violation", "checks", "if_match"}
    | {"declares", "on_error", "title", "max_replans", "min_interval", "debounce", "backoff", "max_failures"}
    | {"max_thinking_share", "when_bounded"}
)
"""The other settings of a policy that it supports."""
OTHERS = {
    Channel: frozenset({"sampling", "latency", "poll_every", "loss", "scope"}),
    Agent: frozenset(
        {"thinking_time", "thinking", "interrupted", "step_duration", "action_latency", "prepare_time"}
        | {"read_latency", "slip", "lost_ack", "ack_timeout", "silent_success", "side_effects", "minds"}
        | {"planner_error"}
    ),
    Handoff: frozenset({"mode", "fidelity", "delay"}),
}
"""The settings of channel, agent and hand-off that it supports."""


COMPARED = frozenset({"value", "version"})
"""What it compares: no step of a table has regions that it writes back as they were read."""

SAMPLED = frozenset({"push", "poll", "on-action"})
"""The sampling modes that it supports."""


def lacking(policy: Policy, channel: Channel, agent: Agent, handoff: Handoff) -> str:
    """Return a setting that the twin does not support, with its value; empty if it supports all.

    >>> from plandrift.policies import bounded, gated
    >>> lacking(bounded(gated(), max_replans=3), Channel(), Agent(), Handoff())
    ''
    >>> lacking(Policy(), Channel(), Agent(), Handoff())
    'policy = Policy'
    """
    if type(policy) is not Assembled:
        return f"policy = {policy.name}"
    if policy.trigger not in TRIGGER or policy.trigger not in TRIGGERS:
        return f"policy.trigger = {policy.trigger}"
    for field in fields(policy):
        value = getattr(policy, field.name)
        known = field.name in PARTS or (field.name in GATE and field.name in GATES)
        if not known and value != field.default:
            return f"policy.{field.name} = {value}"
    if policy.compares not in COMPARED:
        return f"policy.compares = {policy.compares}"
    if channel.sampling not in SAMPLED:
        return f"channel.sampling = {channel.sampling}"
    for part in (channel, agent, handoff):
        for field in fields(part):
            value = getattr(part, field.name)
            if field.name not in OTHERS[type(part)] and value != field.default:
                return f"{type(part).__name__.lower()}.{field.name} = {value}"
    return ""


def table_of(world: World, agent: Agent, horizon: float, seed: int = 0) -> ArrayScene | None:
    """Return a world's scenes in numbers, if it has them.

    Raises:
        SettingError: as `sim.run` does.
    """
    scene = world.begin(Streams(seed), horizon)
    check_scene(world, scene)
    check_changes(world, scene, horizon)
    check_side_effects(agent, scene)
    return ArrayForm.of(scene).array_scene()


def unfit(table: ArrayScene | None, other: ArrayScene | None) -> str:
    """Say why a world cannot be run in arrays, given its tables from two seeds; empty if it can."""
    if table is None or other is None:
        return "its world is not a table"
    if _plain(table) != _plain(other):
        return "its table depends on the seed"
    for name, size, most in (
        ("steps", len(table.writes), at.JOBS),
        ("needs of a step", table.needs.shape[1], at.NEEDS),
        ("fluents", len(table.fluents), at.FLUENTS),
    ):
        if size > most:
            return f"{size} {name}: the compiled engine takes {most}"
    return ""


def _plain(table: ArrayScene) -> list[Any]:
    held = [value for name, value in vars(table).items() if name != "call"]
    return [value.tolist() if hasattr(value, "tolist") else str(value) for value in held]
