"""What a figure calls things: metrics and settings in words, with their units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plandrift.experiments.analysis.selection import setting_words
from plandrift.experiments.sweeps.plain_values import value_text
from plandrift.sim.measure.metrics import DECLARED
from plandrift.sim.settings.real_time import InUnit

TITLES = {
    "success": "Success",
    "misfires": "Misfires",
    "first_misfires": "Misfires, first attempts",
    "reads": "Fresh reads",
    "refused": "Calls refused by the world",
    "harm": "Harm",
    "duration": "Time taken",
    "plan_staleness": "Plan staleness",
    "staleness": "Plan staleness before the fire",
    "misfire_rate": "Misfire rate",
    "first_misfire_rate": "Misfire rate, first attempts",
    "thinking_share": "Share of the time spent thinking",
    "thinking_time": "Thinking time",
    "effectiveness": "Effectiveness",
}
"""What a figure calls a metric, where its name alone will not do."""

UNITS = {
    "plan_staleness": "share of the steps left that are stale",
    "staleness": "share of the steps left that are stale",
    "misfire_rate": "misfires per step fired",
    "first_misfire_rate": "misfires per first attempt",
    "effectiveness": "share of the goals met, or of the score",
    "harm": "harmful calls per episode",
    "thinking_time": "units of time per episode",
    "duration": "units of time",
    "plan_age": "units of time",
    "goals_met": "share of the goals",
    "success": "share of the episodes in which every goal holds",
    "thinking_share": "share of the time",
    "volatility": "volatility (changes per fluent per unit of time)",
    "channel.latency": "observation latency (units of time)",
    "agent.thinking_time": "thinking time (units of time)",
    "agent.action_latency": "action latency (units of time)",
    "agent.planner_error": "planner's error (share of its steps that are wrong)",
    "agent.slip": "slip (share of the calls)",
    "handoff.fidelity": "fidelity (share of the arguments that survive)",
    "handoff.delay": "delay of the hand-off (units of time)",
    "policy.min_interval": "least time between two replans (units of time)",
    "policy.max_replans": "budget of replans",
    "step": "place in the plan (steps)",
}
"""What stands on an axis, with its unit."""

SPEEDS = {
    "tileworld": "rate of change γ (world ticks per agent tick)",
    "recorded": "speed of the replay (seconds per unit of time)",
}
"""What the volatility of a world is, where it is no rate of change of its fluents."""

_COUNTS = "per episode"


def title_of(metric: str) -> str:
    """A metric as a heading."""
    return TITLES.get(metric, metric.replace("_", " ").capitalize())


def unit_of(metric: str) -> str:
    """What a metric is counted in."""
    declared = DECLARED.get(metric)
    if metric in UNITS or declared is None or declared.kind in ("count", "flag"):
        return UNITS.get(metric, _COUNTS)
    return "units of time" if declared.unit == "time" else declared.unit


def axis_of(setting: str, world: str = "", values: Sequence[Any] = ()) -> str:
    """A setting as the name of an axis; what a volatility is may depend on the world.

    Args:
        setting: its dotted name.
        world: whose volatility it is, where it is one world's.
        values: along the axis: they know their unit where they were given in words.
    """
    if setting == "volatility" and world in SPEEDS:
        return SPEEDS[world]
    name = UNITS.get(setting, setting.rpartition(".")[2].replace("_", " "))
    unit = next((value.unit for value in values if isinstance(value, InUnit)), "")
    if not unit:
        return name
    named = name.replace("units of time", unit).replace("unit of time", unit)
    return named if named != name else f"{name} ({unit})"


def short(names: Sequence[str]) -> dict[str, str]:
    """For each name a shorter one, without arguments where that leaves no two alike."""
    bare = {name: name.partition("(")[0] for name in names}
    return {name: part if list(bare.values()).count(part) == 1 else name for name, part in bare.items()}


def facet_of(setting: str, value: Any) -> str:
    """One value of a setting as the heading of a panel."""
    name = setting_words(setting)
    return str(value) if setting in ("policy", "world", "part") else f"{name} {value_text(value)}"
