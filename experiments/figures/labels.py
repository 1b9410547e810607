"""The words for metrics and settings in figures, with their units."""

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
    "thinking_share": "Share of time spent thinking",
    "thinking_time": "Thinking time",
    "effectiveness": "Effectiveness",
}
"""The headings of metrics whose names alone are not clear enough."""

UNITS = {
    "plan_staleness": "share of the remaining steps that are stale",
    "staleness": "share of the remaining steps that are stale",
    "misfire_rate": "misfires per step fired",
    "first_misfire_rate": "misfires per first attempt",
    "effectiveness": "share of the goals met, or of the score",
    "harm": "harmful calls per episode",
    "thinking_time": "units of time per episode",
    "duration": "units of time",
    "plan_age": "units of time",
    "speedup": "right tasks per time over one agent alone",
    "goals_met": "share of the goals",
    "success": "share of the episodes in which every goal holds",
    "thinking_share": "share of time",
    "volatility": "volatility (changes per fluent per unit of time)",
    "channel.latency": "observation latency (units of time)",
    "agent.thinking_time": "thinking time (units of time)",
    "agent.action_latency": "action latency (units of time)",
    "agent.planner_error": "planner error (share of wrong steps)",
    "agent.slip": "slip (share of calls)",
    "handoff.fidelity": "fidelity (share of the arguments that survive)",
    "handoff.delay": "delay of the hand-off (units of time)",
    "policy.min_interval": "minimum time between two replans (units of time)",
    "policy.max_replans": "budget of replans",
    "step": "position in the plan (steps)",
}
"""The axis labels, with their units."""

SPEEDS = {
    "tileworld": "rate of change γ (world ticks per agent tick)",
    "recorded": "speed of the replay (seconds per unit of time)",
}
"""The meaning of volatility in worlds where it is not a rate of change of fluents."""

_COUNTS = "per episode"


def title_of(metric: str) -> str:
    """Return a metric's heading."""
    return TITLES.get(metric, metric.replace("_", " ").capitalize())


def unit_of(metric: str) -> str:
    """Return a metric's unit."""
    declared = DECLARED.get(metric)
    if metric in UNITS or declared is None or declared.kind in ("count", "flag"):
        return UNITS.get(metric, _COUNTS)
    return "units of time" if declared.unit == "time" else declared.unit


def axis_of(setting: str, world: str = "", values: Sequence[Any] = ()) -> str:
    """Return the axis label of a setting; the meaning of volatility may depend on the world.

    Args:
        setting: the setting's dotted name.
        world: the world whose volatility it is, if there is only one.
        values: the values on the axis, which carry their unit if they were given as text.
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
    """Return a shorter form of each name, without arguments if no two then become alike."""
    bare = {name: name.partition("(")[0] for name in names}
    return {name: part if list(bare.values()).count(part) == 1 else name for name, part in bare.items()}


def facet_of(setting: str, value: Any) -> str:
    """Return one value of a setting as a panel heading."""
    name = setting_words(setting)
    return str(value) if setting in ("policy", "world", "part") else f"{name} {value_text(value)}"
