"""Theory for figures of a telegraph sweep: closed forms (docs/model/validation.md) where they hold.

A form is drawn only if it was derived for every setting of the condition: it takes some settings as
numbers, and all others must have their defaults. If it has a setting that is not considered here, no curve is
drawn. No curve is drawn either if a call lands after its step's duration, because the step then takes longer
than that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from plandrift.experiments.statistics.theory import any_differs
from plandrift.experiments.sweeps.condition import Condition, condition
from plandrift.experiments.sweeps.results import Results

SettingValues = dict[str, Any]
Age = Callable[[SettingValues, int], float]
TheoryCurve = list[tuple[float, float]]
POINTS = 60
"""The number of points per curve."""
WORLD = ("volatility", "horizon", "world.values", "world.requires", "world.steps", "world.fluents")
"""The world settings that every form takes; `world.fluents` only if the steps share none."""


@dataclass(frozen=True)
class Form:
    """A closed form for how old the information behind a step is when its call lands.

    Attributes:
        age: age of that information, given the settings and the step's position.
        takes: the settings that it takes as constants, beside those of the world.
    """

    age: Age
    takes: tuple[str, ...]


def _once(settings: SettingValues, step: int) -> float:
    at = settings["agent.thinking_time"] + step * settings["agent.step_duration"]
    return float(at + settings["agent.action_latency"])


def _pushed(settings: SettingValues, step: int) -> float:
    at = step * settings["agent.step_duration"]
    return float(min(at, settings["channel.latency"]) + settings["agent.action_latency"])


def _looked(settings: SettingValues, _: int) -> float:
    return float(settings["agent.read_latency"] / 2 + settings["agent.action_latency"])


CALL = ("agent.step_duration", "agent.action_latency", "channel.latency")
FORMS: dict[str, Form] = {
    "plan-once": Form(_once, (*CALL, "agent.thinking_time", "agent.read_latency")),
    "replan-each": Form(_pushed, (*CALL, "agent.read_latency")),
    "gated": Form(_pushed, (*CALL, "agent.read_latency")),
    "look-first": Form(_looked, (*CALL, "agent.thinking_time", "agent.read_latency")),
}
"""The form of each policy that has one, by the policy's name with default arguments."""


def misfire_curves(results: Results) -> dict[str, TheoryCurve]:
    """Return each policy's misfire rate against volatility, if theory covers the sweep's settings.

    plan-once misfires at step i with P_k(τ + i·d + a); replan-each and gated, with no thinking time and
    a push channel of constant latency L, with P_k(min(t, L) + a); look-first, whatever the latency and
    the thinking time, with P_k(R/2 + a).
    """
    found = {}
    for name, form in FORMS.items():
        shared = _common([e for e in results.manifest.conditions if e.policy == name], form.takes)
        if shared is not None:
            found[name] = _curve(results, shared, form.age)
    return found


def floor(results: Results) -> TheoryCurve:
    """Return the lowest misfire rate possible for a policy that acts on a belief with this latency.

    The floor is only for beliefs: a policy that reads fresh, or whose calls declare their assumptions, can go
    below it.
    """
    conditions = [e for e in results.manifest.conditions if _trusts_its_belief(e)]
    shared = _common(conditions, (*CALL, "agent.thinking_time", "agent.read_latency"), any_policy=True)
    return [] if shared is None else _curve(results, shared, _pushed)


def step_curve(results: Results, volatility: float) -> TheoryCurve:
    """Return plan staleness before each step of plan-once: P_k(τ + i·d)."""
    form = FORMS["plan-once"]
    shared = _common([e for e in results.manifest.conditions if e.policy == "plan-once"], form.takes)
    if shared is None:
        return []
    v, k = shared["world.values"], shared["world.requires"]
    return [
        (float(i), any_differs(form.age(shared | {"agent.action_latency": 0.0}, i), volatility, v, k))
        for i in range(shared["world.steps"])
    ]


def withheld(results: Results) -> str:
    """Say, for a figure's note, why an expected curve is missing; empty if none is expected."""
    times = [
        (one.settings["agent.action_latency"], one.settings["agent.step_duration"])
        for one in results.manifest.conditions
        if one.world == "telegraph" and not one.oracle
    ]
    if any(_lands_late(*pair) for pair in times):
        return "no theory is drawn, because no closed form covers calls that land after their step's duration"
    return ""


def _lands_late(latency: object, duration: object) -> bool:
    return isinstance(latency, int | float) and isinstance(duration, int | float) and latency > duration


def _trusts_its_belief(one: Condition) -> bool:
    """Say whether a policy is known to act on nothing but its belief."""
    settings = one.settings
    return settings.get("policy.reads") == "belief" and settings.get("policy.if_match") == "none"


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


def _common(
    conditions: Sequence[Condition], takes: Sequence[str], any_policy: bool = False
) -> SettingValues | None:
    """Return the settings that these conditions share, except volatility, if the form covers them all."""
    if not conditions or any(e.world != "telegraph" or e.oracle for e in conditions):
        return None
    apart = [_apart(e.settings, any_policy) for e in conditions]
    if any(settings != apart[0] for settings in apart):
        return None
    shared = apart[0]
    plain = _apart(condition("telegraph", conditions[0].policy).settings, any_policy)
    known = {*WORLD, *takes}
    if any(value != plain.get(name) for name, value in shared.items() if name not in known):
        return None
    if not all(isinstance(shared[name], int | float) for name in takes):
        return None
    if _lands_late(shared["agent.action_latency"], shared["agent.step_duration"]):
        return None
    if shared["world.fluents"] not in (None, shared["world.steps"] * shared["world.requires"]):
        return None
    last = shared["agent.thinking_time"] + shared["world.steps"] * shared["agent.step_duration"]
    return shared if last <= shared["horizon"] else None


def _apart(settings: SettingValues, any_policy: bool) -> SettingValues:
    """Return the settings without the volatility, and without the policy's if any policy is meant."""
    return {
        name: value
        for name, value in settings.items()
        if name != "volatility" and not (any_policy and name.startswith("policy."))
    }
