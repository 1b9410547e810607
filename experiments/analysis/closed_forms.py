"""The closed forms of docs/model/validation.md at chosen settings, with the episode measure of each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from statistics import fmean
from typing import Any

from plandrift.experiments.analysis.closed_form import ClosedForm
from plandrift.experiments.analysis.crew_forms import crew_forms
from plandrift.experiments.statistics import interrupted, theory
from plandrift.experiments.sweeps.condition import Condition, condition
from plandrift.sim import Distribution, Episode
from plandrift.sim.trace.events import ReplanRequested

GAPS = 20
"""How many gaps between replans are averaged in one episode."""


def before_fire(episode: Episode) -> float:
    """Return plan staleness just before a step, averaged over the steps."""
    return episode.metrics.staleness_before_fire


def misfires(episode: Episode) -> float:
    """Return the share of steps that misfired."""
    return episode.metrics.misfire_rate


def version_before_fire(episode: Episode) -> float:
    """Return version staleness before a step, averaged over the steps; NaN if it is ever below staleness."""
    if any(step.version < step.staleness for step in episode.steps):
        return math.inf
    return fmean(step.version for step in episode.steps)


def over_time(episode: Episode) -> float:
    """Return plan staleness, averaged over time."""
    return episode.metrics.plan_staleness


def unbroken(episode: Episode) -> float:
    """Return 1 if no dependency was written before its last use, else 0."""
    return float(not any(step.rewritten for step in episode.steps))


def first_fire(episode: Episode) -> float:
    """Return the time at which the first step was fired."""
    return episode.steps[0].time


def discounted(rate: float, episode: Episode) -> float:
    """Return e^(−ΛT) for the time T at which the first step was fired; 0 if none was."""
    return math.exp(-rate * episode.steps[0].time) if episode.steps else 0.0


def replans(episode: Episode) -> float:
    """Return the number of plans handed over after the first."""
    return episode.metrics.replans


def duration(episode: Episode) -> float:
    """Return the time at which the episode ended."""
    return episode.metrics.duration


def nothing_fired(episode: Episode) -> float:
    """Return 1 if no step was ever fired, else 0."""
    return float(not episode.steps)


def later_staleness(episode: Episode) -> float:
    """Return staleness before a step, averaged over the steps after the tenth."""
    later = [step.staleness for step in episode.steps[10:-1]]
    return fmean(later) if later else math.nan


def request_gap(episode: Episode) -> float:
    """Return the mean gap of the first `GAPS` replans; their fixed number keeps the mean unbiased."""
    times = [e.t for e in episode.trace if isinstance(e, ReplanRequested) and e.t > 0]
    return (times[GAPS] - times[0]) / GAPS if len(times) > GAPS else math.nan


@cache
def cases() -> tuple[ClosedForm, ...]:
    """Return every closed form, each at two or more settings."""
    return (
        *_plan_once(),
        *_versions(),
        *_uneven(),
        *_replan_each(),
        *_gates(),
        *_looking(),
        *_renewal(),
        *_survival(),
        *_interrupted(),
        *_intervals(),
        *_poll(),
        *crew_forms(),
    )


def _on_telegraph(policy: str, settings: Mapping[str, Any]) -> Condition:
    return condition("telegraph", policy, settings)


def _settings(rate: float, values: int, requires: int, steps: int, **more: Any) -> dict[str, Any]:
    named = {
        "volatility": rate,
        "world.values": values,
        "world.requires": requires,
        "world.steps": steps,
    }
    return named | {name.replace("__", "."): value for name, value in more.items()}


def _plan_once() -> Iterable[ClosedForm]:
    for rate, v, k, tau, d, a in ((0.05, 2, 1, 0.5, 1.0, 0.3), (0.04, 5, 3, 0.0, 0.5, 0.5)):
        steps = 16
        at = f"V={v} k={k} λ={rate} τ={tau} d={d} a={a}"
        chosen = _settings(
            rate,
            v,
            k,
            steps,
            agent__thinking_time=tau,
            agent__step_duration=d,
            agent__action_latency=a,
        )
        times = [tau + i * d for i in range(steps)]
        stale = fmean(theory.any_differs(t, rate, v, k) for t in times)
        yield ClosedForm(
            "plan-once staleness P_k(τ+i·d)", at, stale, _on_telegraph("plan-once", chosen), before_fire
        )
        misfire = fmean(theory.any_differs(t + a, rate, v, k) for t in times)
        yield ClosedForm(
            "plan-once misfire P_k(τ+i·d+a)", at, misfire, _on_telegraph("plan-once", chosen), misfires
        )


def _versions() -> Iterable[ClosedForm]:
    for rate, v, k, tau, d in ((0.05, 2, 3, 0.5, 1.0), (0.05, 5, 1, 1.0, 1.0)):
        steps = 16
        at = f"V={v} k={k} λ={rate} τ={tau} d={d}"
        chosen = _settings(rate, v, k, steps, agent__thinking_time=tau, agent__step_duration=d)
        expected = fmean(theory.any_written(tau + i * d, rate, k) for i in range(steps))
        yield ClosedForm(
            "version staleness 1−e^(−kλx)",
            at,
            expected,
            _on_telegraph("plan-once", chosen),
            version_before_fire,
        )


def _uneven() -> Iterable[ClosedForm]:
    for rate, v, k, tau, d, shape in ((0.05, 2, 1, 0.5, 1.0, 0.5), (0.1, 5, 2, 1.0, 1.0, 2.0)):
        steps = 16
        at = f"V={v} k={k} λ={rate} τ={tau} d={d} a={shape}"
        chosen = _settings(
            rate, v, k, steps, agent__thinking_time=tau, agent__step_duration=d, world__spread=shape
        )
        expected = fmean(theory.any_written_unevenly(tau + i * d, rate, shape, k) for i in range(steps))
        yield ClosedForm(
            "version staleness, uneven rates 1−(1+λx/a)^(−ka)",
            at,
            expected,
            _on_telegraph("plan-once", chosen),
            version_before_fire,
        )


def _replan_each() -> Iterable[ClosedForm]:
    for rate, v, k, late, a in ((0.1, 2, 1, 2.0, 0.5), (0.05, 5, 3, 3.0, 1.0)):
        steps, d = 16, 1.0
        at = f"V={v} k={k} λ={rate} L={late} a={a}"
        chosen = _settings(rate, v, k, steps, channel__latency=late, agent__action_latency=a)
        mean = theory.mean_staleness_pushed((steps - 1) * d, late, rate, v, k)
        yield ClosedForm(
            "replan-each staleness P_k(min(t,L))", at, mean, _on_telegraph("replan-each", chosen), over_time
        )
        misfire = fmean(theory.any_differs(min(i * d, late) + a, rate, v, k) for i in range(steps))
        yield ClosedForm(
            "replan-each misfire P_k(min(t,L)+a)", at, misfire, _on_telegraph("replan-each", chosen), misfires
        )


def _gates() -> Iterable[ClosedForm]:
    for rate, v, k, late, d, a in ((0.1, 2, 1, 5.0, 3.0, 3.0), (0.05, 5, 3, 3.0, 1.0, 1.0)):
        steps = 16
        at = f"V={v} k={k} λ={rate} L={late} d={d} a={a}"
        chosen = _settings(
            rate,
            v,
            k,
            steps,
            channel__latency=late,
            agent__step_duration=d,
            agent__action_latency=a,
            policy__drift_gate=True,
        )
        misfire = fmean(theory.any_differs(min(i * d, late) + a, rate, v, k) for i in range(steps))
        yield ClosedForm(
            "gate on the belief P_k(min(t,L)+a)", at, misfire, _on_telegraph("plan-once", chosen), misfires
        )
        yield ClosedForm("gated P_k(min(t,L)+a)", at, misfire, _on_telegraph("gated", chosen), misfires)
    for rate, v, k, trip, a in ((0.1, 2, 1, 2.0, 6.0), (0.08, 5, 3, 1.0, 3.0)):
        at = f"V={v} k={k} λ={rate} R={trip} d=a={a} L=3"
        chosen = _settings(
            rate,
            v,
            k,
            12,
            channel__latency=3.0,
            agent__read_latency=trip,
            agent__step_duration=a,
            agent__action_latency=a,
            policy__reads="fresh",
        )
        misfire = theory.any_differs(trip / 2 + a, rate, v, k)
        yield ClosedForm(
            "gate with a fresh read P_k(R/2+a)", at, misfire, _on_telegraph("gated", chosen), misfires
        )


def _looking() -> Iterable[ClosedForm]:
    """Yield the fresh read, for various latencies, thinking times and triggers, and if-match."""
    for policy, thinking, rate, v, k, trip, a in (
        ("look-first", 1.7, 0.03, 3, 2, 1.4, 9.0),
        ("look-first", 0.5, 0.06, 2, 1, 2.0, 7.0),
        ("gate-only(reads='fresh')", 1.7, 0.08, 3, 2, 1.4, 4.0),
    ):
        chosen = _settings(
            rate,
            v,
            k,
            7,
            channel__latency=2.3,
            agent__thinking_time=thinking,
            agent__read_latency=trip,
            agent__action_latency=a,
            agent__step_duration=a,
        )
        at = f"{policy} V={v} k={k} λ={rate} R={trip} d=a={a} τ={thinking} L=2.3"
        misfire = theory.any_differs(trip / 2 + a, rate, v, k)
        yield ClosedForm("a fresh read P_k(R/2+a)", at, misfire, _on_telegraph(policy, chosen), misfires)
    for rate, late, a in ((0.3, 4.0, 2.0), (0.05, 1.0, 0.5)):
        chosen = _settings(
            rate, 3, 2, 8, channel__latency=late, agent__step_duration=a, agent__action_latency=a
        )
        at = f"λ={rate} L={late} d=a={a}"
        yield ClosedForm("if-match never misfires", at, 0.0, _on_telegraph("if-match", chosen), misfires)


def _renewal() -> Iterable[ClosedForm]:
    for rate, k, steps, thinking, d, trip in ((0.05, 2, 8, 1.0, 1.0, 0.5), (0.1, 1, 12, 0.5, 0.8, 1.0)):
        chosen = _settings(
            rate,
            3,
            k,
            steps,
            world__fluents=k,
            channel__loss=1.0,
            agent__thinking_time=thinking,
            agent__step_duration=d,
            agent__read_latency=trip,
            policy__reads="fresh",
            policy__compares="version",
            horizon=10_000,
        )
        expected, time = theory.gate_that_replans(rate, k, steps, thinking, d, trip)
        at = f"k={k} λ={rate} M={steps} P={thinking} d={d} R={trip}"
        made = _on_telegraph("gate-only", chosen)
        yield ClosedForm("a gate that replans: replans", at, expected, made, replans)
        yield ClosedForm("a gate that replans: time", at, time, made, duration)


def _survival() -> Iterable[ClosedForm]:
    for rate, fluents, k, steps, chain, tau in ((0.008, 5, 2, 8, 1, 0.5), (0.005, 7, 3, 6, 3, 2.0)):
        at = f"{fluents} fluents, {steps} steps, k={k}, chains of {chain}, λ={rate} τ={tau}"
        chosen = _settings(
            rate,
            2,
            k,
            steps,
            world__fluents=fluents,
            world__chain=chain,
            agent__thinking_time=tau,
        )
        last = {(i * k + j) % fluents: tau + i for i in range(steps) for j in range(k)}
        expected = theory.survives([(rate, time) for time in last.values()])
        yield ClosedForm(
            "a plan survives e^(−Σ λ_j τ_j)", at, expected, _on_telegraph("plan-once", chosen), unbroken
        )


def _interrupted() -> Iterable[ClosedForm]:
    """Yield the forms of Asmussen et al. (2008), where thinking begins again, the same or drawn anew."""
    form = "restart: time to a plan E[(e^(ΛP)−1)/Λ]"
    for rate, thinking in ((0.8, "1"), (0.5, "3"), (0.6, "uniform(0.5, 2)"), (0.4, "gamma(1, 4)")):
        expected = interrupted.time_under_restart(rate, Distribution.parse(thinking))
        yield _begun_again(form, "restart", rate, thinking, expected, first_fire)
    form = "restart, mean infinite: E[e^(−ΛT)] = E[1−tanh(ΛP)]"
    for rate, thinking in ((0.5, "exponential(2)"), (0.5, "lognormal(1, 1)")):
        expected = interrupted.discounted_under_restart(rate, Distribution.parse(thinking))
        yield _begun_again(form, "restart", rate, thinking, expected, partial(discounted, rate))
    form = "replace: time to a plan (1−φ)/(Λφ), φ = E[e^(−ΛP)]"
    for rate, thinking in (
        *((0.8, "1"), (0.8, "uniform(0.5, 2)"), (0.8, "gamma(1, 4)"), (0.5, "lognormal(1, 1)")),
        *((0.2, "exponential(2)"), (1.0, "exponential(2)")),
    ):
        expected = interrupted.time_under_replace(rate, Distribution.parse(thinking))
        yield _begun_again(form, "replace", rate, thinking, expected, first_fire)
    for every, span in ((1.0, 1.5), (0.5, 2.0)):
        chosen = _settings(
            0.05,
            2,
            1,
            4,
            channel__sampling="poll",
            channel__poll_every=every,
            agent__thinking_time=span,
            agent__interrupted="restart",
            horizon=50,
        )
        at = f"T={every} P={span}"
        yield ClosedForm(
            "restart under polls never plans", at, 1.0, _on_telegraph("replan-each", chosen), nothing_fired
        )


def _begun_again(
    form: str, how: str, rate: float, thinking: str, expected: float, measure: Callable[[Episode], float]
) -> ClosedForm:
    chosen = _settings(
        rate / 10,
        2,
        1,
        1,
        world__fluents=10,
        agent__thinking_time=thinking,
        agent__interrupted=how,
        # Hardly one part in 10^26 of the discounted value lies beyond this.
        horizon=1000 if measure is first_fire else 60 / rate,
    )
    return ClosedForm(form, f"Λ={rate} P={thinking}", expected, _on_telegraph("replan-each", chosen), measure)


def _intervals() -> Iterable[ClosedForm]:
    for rate, span in ((1.0, 2.0), (2.0, 1.0)):
        # A single step that never becomes valid again, so that only news makes the agent replan.
        still = _settings(rate / 10, 2, 1, 1, world__fluents=10, agent__step_duration=100_000.0)
        at = f"Λ={rate} τ={span}"
        expected = 1 / theory.throttled(rate, span)
        long = {"horizon": 4 * GAPS * expected}
        chosen = still | long | {"policy.min_interval": span}
        yield ClosedForm(
            "minimum interval: replan gap (1+Λτ)/Λ",
            at,
            expected,
            _on_telegraph("replan-each", chosen),
            request_gap,
            True,
        )
        expected = 1 / theory.debounced(rate, span / 2)
        long = {"horizon": 4 * GAPS * expected}
        chosen = still | long | {"policy.debounce": span / 2}
        yield ClosedForm(
            "debounce: replan gap e^(Λτ)/Λ",
            f"Λ={rate} τ={span / 2}",
            expected,
            _on_telegraph("replan-each", chosen),
            request_gap,
            True,
        )


def _poll() -> Iterable[ClosedForm]:
    for rate, v, every, late in ((0.1, 2, 4.0, 1.0), (0.15, 5, 2.0, 2.0)):
        chosen = _settings(
            rate,
            v,
            1,
            30,
            channel__sampling="poll",
            channel__poll_every=every,
            channel__latency=late,
            agent__step_duration="exponential(3)",
            horizon=2000,
        )
        expected = theory.poll_wrong(rate, v, every, late)
        at = f"V={v} λ={rate} T={every} L={late}"
        yield ClosedForm(
            "poll: a belief is wrong", at, expected, _on_telegraph("replan-each", chosen), later_staleness
        )
