"""Theory for the figures of a sweep of telegraph: the curves of docs/model/validation.md, where they hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Any

from experiments.statistics.theory import any_differs
from experiments.sweeps.condition import Condition
from experiments.sweeps.results import Results

SettingValues = dict[str, Any]
Age = Callable[[SettingValues, int], float]
TheoryCurve = list[tuple[float, float]]
POINTS = 60
"""So many points a curve."""
TIMES = ("agent.thinking_time", "agent.step_duration", "agent.action_latency", "channel.latency")
"""Theory takes these as constants."""
FAULTS = (
    "agent.slip",
    "agent.lost_ack",
    "agent.silent_success",
    "agent.planner_error",
    "agent.prepare_time",
    "handoff.delay",
)
"""Theory knows none of these."""


def misfire_curves(results: Results) -> dict[str, TheoryCurve]:
    """The misfire rate of each policy against volatility, where theory gives it for the sweep's settings.

    plan-once misfires at step i with P_k(τ + i·d + a); replan-each and gated, with no thinking time and
    a push channel of constant latency L, with P_k(min(t, L) + a).
    """
    found = {}
    for name, age in _ages(results).items():
        shared = _common([e for e in results.manifest.conditions if e.policy == name])
        if shared is not None:
            found[name] = _curve(results, shared, age)
    return found


def floor(results: Results) -> TheoryCurve:
    """Below this misfire rate no policy gets that acts on a belief with the sweep's observation latency."""
    conditions = results.manifest.conditions
    shared = _common(conditions)
    return [] if shared is None else _curve(results, shared, _pushed)


def step_curve(results: Results, volatility: float) -> TheoryCurve:
    """Plan staleness before each step of plan-once: P_k(τ + i·d)."""
    shared = _common([e for e in results.manifest.conditions if e.policy == "plan-once"])
    if shared is None:
        return []
    v, k = shared["world.values"], shared["world.requires"]
    return [
        (float(i), any_differs(_once(shared | {"agent.action_latency": 0.0}, i), volatility, v, k))
        for i in range(shared["world.steps"])
    ]


def _ages(results: Results) -> dict[str, Age]:
    """For each policy with a known curve, how old what a step rests on is when its call lands."""
    thinks = any(e.settings["agent.thinking_time"] != 0 for e in results.manifest.conditions)
    ages: dict[str, Age] = {"plan-once": _once}
    return ages if thinks else ages | {"replan-each": _pushed, "gated": _pushed}


def _once(settings: SettingValues, step: int) -> float:
    at = settings["agent.thinking_time"] + step * settings["agent.step_duration"]
    return float(at + settings["agent.action_latency"])


def _pushed(settings: SettingValues, step: int) -> float:
    at = step * settings["agent.step_duration"]
    return float(min(at, settings["channel.latency"]) + settings["agent.action_latency"])


def _curve(results: Results, settings: SettingValues, age: Age) -> TheoryCurve:
    rates = [e.settings["volatility"] for e in results.manifest.conditions]
    low, high = min(rates), max(rates)
    if not 0 < low < high:
        return []
    v, k, steps = (settings[f"world.{name}"] for name in ("values", "requires", "steps"))
    curve = []
    for i in range(POINTS + 1):
        rate = low * (high / low) ** (i / POINTS)
        curve.append((rate, fmean(any_differs(age(settings, step), rate, v, k) for step in range(steps))))
    return curve


def _common(conditions: Sequence[Condition]) -> SettingValues | None:
    """The settings that these conditions share but for volatility and policy, if theory holds for them."""
    if not conditions or any(e.world != "telegraph" or e.oracle for e in conditions):
        return None
    first = _apart(conditions[0].settings)
    if any(_apart(e.settings) != first for e in conditions):
        return None
    numbers = all(isinstance(first[name], int | float) for name in TIMES)
    fluents = (None, first["world.steps"] * first["world.requires"])
    free = first["world.fluents"] in fluents and first["world.chain"] == 1
    pushed = first["channel.sampling"] == "push" and not first["channel.loss"]
    return first if numbers and free and pushed and not any(first[name] for name in FAULTS) else None


def _apart(settings: SettingValues) -> SettingValues:
    return {k: v for k, v in settings.items() if k != "volatility" and not k.startswith("policy.")}
