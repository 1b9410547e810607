"""Theory against simulation: the closed forms of docs/model/validation.md, each measured in episodes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from statistics import fmean
from typing import Any

from experiments.statistics import theory
from experiments.sweeps.settings import Condition, condition
from sim import Episode
from sim.events import ReplanRequested

Z_LIMIT = 3.7
"""The largest |z| that passes: with forty cases, chance fails one run in a hundred."""

PRECISION = 0.0035
"""The standard error aimed at, as a share of the theory: a bias of 2 % is then 5.7 of them."""

GAPS = 20
"""How many gaps between replans are averaged in one episode."""

BATCH = 400
"""Episodes in one batch; a case is run in whole batches, so its figures do not depend on timing."""


@dataclass(frozen=True)
class Case:
    """One closed form at one setting.

    Attributes:
        name: the form, as in docs/model/validation.md.
        at: the setting, for people.
        expected: what theory says.
        policy: which policy is run on `telegraph`.
        settings: by dotted name.
        measure: the episode's estimate of `expected`, unbiased.
        trace: whether `measure` reads the trace.
    """

    name: str
    at: str
    expected: float
    policy: str
    settings: Mapping[str, Any]
    measure: Callable[[Episode], float]
    trace: bool = False

    def condition(self) -> Condition:
        """What is run."""
        return condition("telegraph", self.policy, self.settings)


@dataclass(frozen=True)
class Result:
    """What one case came to.

    Attributes:
        case: the case.
        n: episodes.
        mean: the mean of their estimates.
        error: its standard error.
    """

    case: Case
    n: int
    mean: float
    error: float

    @property
    def z(self) -> float:
        """How many standard errors the simulation is off; 0 where both are exact."""
        gap = self.mean - self.case.expected
        if self.error == 0:
            return 0.0 if abs(gap) < 1e-9 else math.copysign(math.inf, gap)
        return gap / self.error

    @property
    def precise(self) -> bool:
        """Whether a bias of 2 % would be found."""
        return self.error <= abs(self.case.expected) * 0.02 / (Z_LIMIT + 1) or self.error == 0

    @property
    def holds(self) -> bool:
        """Whether theory and simulation agree."""
        return abs(self.z) <= Z_LIMIT and self.precise


@dataclass
class Sums:
    """Running sums of a case's estimates; NaN estimates (nothing to measure) are left out."""

    n: int = 0
    total: float = 0.0
    squares: float = 0.0
    origin: float = field(default=0.0)

    def add(self, values: Iterable[float]) -> None:
        """Take in more estimates."""
        for value in values:
            if not math.isnan(value):
                # Sums about the expected value keep their precision where all values are alike.
                off = value - self.origin
                self.n += 1
                self.total += off
                self.squares += off * off

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        if self.n < 2:
            return math.inf
        variance = max(self.squares - self.total**2 / self.n, 0.0) / (self.n - 1)
        return math.sqrt(variance / self.n)

    @property
    def mean(self) -> float:
        """The mean."""
        return self.origin + self.total / self.n if self.n else math.nan


def estimates(number: int, first: int, count: int) -> list[float]:
    """The estimates of a case, by its place in `cases`, for seeds from `first` on."""
    case = cases()[number]
    made = case.condition()
    return [case.measure(made.run(seed, trace=case.trace)) for seed in range(first, first + count)]


def validate(
    precision: float = PRECISION,
    most: int = 60_000,
    workers: int = 2,
    done: Callable[[Result], None] | None = None,
    only: str = "",
) -> list[Result]:
    """Run every case until its standard error is small enough to find a bias of 2 %.

    Args:
        precision: standard error aimed at, as a share of the theory.
        most: episodes of a case at most.
        workers: processes.
        done: called with each result as it comes.
        only: only the cases in whose name this text stands.
    """
    results = []
    chosen = [i for i, case in enumerate(cases()) if only in case.name]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for number in chosen:
            result = run_case(number, precision, most, partial(_spread, pool, workers))
            results.append(result)
            if done is not None:
                done(result)
    return results


def run_case(
    number: int,
    precision: float,
    most: int,
    batches: Callable[[int, int, int], Iterable[list[float]]],
) -> Result:
    """Run one case, by its place in `cases`, in rounds of batches until it is precise enough."""
    case = cases()[number]
    sums = Sums(origin=case.expected)
    seeds, rounds = 0, 2
    while True:
        for values in batches(number, seeds, rounds):
            sums.add(values)
        seeds += rounds * BATCH
        if sums.error <= precision * abs(case.expected) or seeds >= most:
            return Result(case, sums.n, sums.mean, sums.error)
        wanted = sums.n * (sums.error / (precision * abs(case.expected))) ** 2
        rounds = max(1, min(math.ceil((wanted - seeds) / BATCH), math.ceil((most - seeds) / BATCH)))


def _spread(
    pool: ProcessPoolExecutor, workers: int, number: int, first: int, rounds: int
) -> Iterable[list[float]]:
    starts = [first + i * BATCH for i in range(rounds)]
    share = max(1, math.ceil(rounds / (4 * workers)))
    return pool.map(partial(estimates, number, count=BATCH), starts, chunksize=share)


def in_turn(number: int, first: int, rounds: int) -> Iterable[list[float]]:
    """Batches one after the other in this process."""
    return (estimates(number, first + i * BATCH, BATCH) for i in range(rounds))


def before_fire(episode: Episode) -> float:
    """Plan staleness just before a step, averaged over the steps."""
    return episode.metrics.staleness_before_fire


def misfires(episode: Episode) -> float:
    """Share of the steps that misfired."""
    return episode.metrics.misfire_rate


def version_before_fire(episode: Episode) -> float:
    """Version staleness just before a step, averaged over the steps; NaN if ever below staleness."""
    if any(step.version < step.staleness for step in episode.steps):
        return math.inf
    return fmean(step.version for step in episode.steps)


def over_time(episode: Episode) -> float:
    """Plan staleness, averaged over time."""
    return episode.metrics.plan_staleness


def unbroken(episode: Episode) -> float:
    """1 if no dependency was written before its last use."""
    return float(not any(step.rewritten for step in episode.steps))


def first_fire(episode: Episode) -> float:
    """When the first step was fired."""
    return episode.steps[0].time


def nothing_fired(episode: Episode) -> float:
    """1 if no step was ever fired."""
    return float(not episode.steps)


def later_staleness(episode: Episode) -> float:
    """Staleness before a step, averaged over the steps after the tenth."""
    later = [step.staleness for step in episode.steps[10:-1]]
    return fmean(later) if later else math.nan


def request_gap(episode: Episode) -> float:
    """Mean gap of the first `GAPS` replans: a fixed number, so that the mean has no bias."""
    times = [e.t for e in episode.trace if isinstance(e, ReplanRequested) and e.t > 0]
    return (times[GAPS] - times[0]) / GAPS if len(times) > GAPS else math.nan


def cases() -> list[Case]:
    """Every closed form, each at two settings or more."""
    return [
        *_plan_once(), *_versions(), *_replan_each(), *_gates(), *_survival(), *_restart(),
        *_intervals(), *_poll(),
    ]  # fmt: skip


def _settings(rate: float, values: int, requires: int, steps: int, **more: Any) -> dict[str, Any]:
    named = {
        "volatility": rate, "world.values": values, "world.requires": requires, "world.steps": steps,
    }  # fmt: skip
    return named | {name.replace("__", "."): value for name, value in more.items()}


def _plan_once() -> Iterable[Case]:
    for rate, v, k, tau, d, a in ((0.05, 2, 1, 0.5, 1.0, 0.3), (0.04, 5, 3, 0.0, 0.5, 0.5)):
        steps = 16
        at = f"V={v} k={k} λ={rate} τ={tau} d={d} a={a}"
        chosen = _settings(
            rate, v, k, steps,
            agent__thinking_time=tau, agent__step_duration=d, agent__action_latency=a,
        )  # fmt: skip
        times = [tau + i * d for i in range(steps)]
        stale = fmean(theory.any_differs(t, rate, v, k) for t in times)
        yield Case("plan-once staleness P_k(τ+i·d)", at, stale, "plan-once", chosen, before_fire)
        misfire = fmean(theory.any_differs(t + a, rate, v, k) for t in times)
        yield Case("plan-once misfire P_k(τ+i·d+a)", at, misfire, "plan-once", chosen, misfires)


def _versions() -> Iterable[Case]:
    for rate, v, k, tau, d in ((0.05, 2, 3, 0.5, 1.0), (0.05, 5, 1, 1.0, 1.0)):
        steps = 16
        at = f"V={v} k={k} λ={rate} τ={tau} d={d}"
        chosen = _settings(rate, v, k, steps, agent__thinking_time=tau, agent__step_duration=d)
        expected = fmean(theory.any_written(tau + i * d, rate, k) for i in range(steps))
        yield Case("version staleness 1−e^(−kλx)", at, expected, "plan-once", chosen, version_before_fire)


def _replan_each() -> Iterable[Case]:
    for rate, v, k, late, a in ((0.1, 2, 1, 2.0, 0.5), (0.05, 5, 3, 3.0, 1.0)):
        steps, d = 16, 1.0
        at = f"V={v} k={k} λ={rate} L={late} a={a}"
        chosen = _settings(rate, v, k, steps, channel__latency=late, agent__action_latency=a)
        mean = theory.mean_staleness_pushed((steps - 1) * d, late, rate, v, k)
        yield Case("replan-each staleness P_k(min(t,L))", at, mean, "replan-each", chosen, over_time)
        misfire = fmean(theory.any_differs(min(i * d, late) + a, rate, v, k) for i in range(steps))
        yield Case("replan-each misfire P_k(min(t,L)+a)", at, misfire, "replan-each", chosen, misfires)


def _gates() -> Iterable[Case]:
    for rate, v, k, late, a in ((0.1, 2, 1, 2.0, 0.5), (0.05, 5, 3, 3.0, 1.0)):
        steps, d = 16, 1.0
        at = f"V={v} k={k} λ={rate} L={late} a={a}"
        chosen = _settings(
            rate, v, k, steps,
            channel__latency=late, agent__action_latency=a, policy__drift_gate=True,
        )  # fmt: skip
        misfire = fmean(theory.any_differs(min(i * d, late) + a, rate, v, k) for i in range(steps))
        yield Case("gate on the belief P_k(min(t,L)+a)", at, misfire, "plan-once", chosen, misfires)
        yield Case("gated P_k(min(t,L)+a)", at, misfire, "gated", chosen, misfires)
    for rate, v, k, trip, a in ((0.1, 2, 1, 2.0, 0.5), (0.08, 5, 3, 1.0, 0.5)):
        at = f"V={v} k={k} λ={rate} R={trip} a={a} L=3"
        chosen = _settings(
            rate, v, k, 12,
            channel__latency=3.0, agent__read_latency=trip, agent__action_latency=a,
            policy__reads="fresh",
        )  # fmt: skip
        misfire = theory.any_differs(trip / 2 + a, rate, v, k)
        yield Case("gate with a fresh read P_k(R/2+a)", at, misfire, "gated", chosen, misfires)


def _survival() -> Iterable[Case]:
    for rate, fluents, k, steps, chain, tau in ((0.02, 5, 2, 8, 1, 0.5), (0.015, 7, 3, 6, 3, 2.0)):
        at = f"{fluents} fluents, {steps} steps, k={k}, chains of {chain}, λ={rate} τ={tau}"
        chosen = _settings(
            rate, 2, k, steps,
            world__fluents=fluents, world__chain=chain, agent__thinking_time=tau,
        )  # fmt: skip
        last = {(i * k + j) % fluents: tau + i for i in range(steps) for j in range(k)}
        expected = theory.survives([(rate, time) for time in last.values()])
        yield Case("a plan survives e^(−Σ λ_j τ_j)", at, expected, "plan-once", chosen, unbroken)


def _restart() -> Iterable[Case]:
    for rate, thinking in ((0.8, 1.0), (0.5, 3.0)):
        chosen = _settings(
            rate / 10, 2, 1, 1,
            world__fluents=10, agent__thinking_time=thinking, agent__interrupted="restart",
            horizon=1000,
        )  # fmt: skip
        expected = theory.time_to_plan(rate, thinking)
        at = f"Λ={rate} P={thinking}"
        yield Case("restart: time to a plan (e^(ΛP)−1)/Λ", at, expected, "replan-each", chosen, first_fire)
    for every, thinking in ((1.0, 1.5), (0.5, 2.0)):
        chosen = _settings(
            0.05, 2, 1, 4,
            channel__sampling="poll", channel__poll_every=every, agent__thinking_time=thinking,
            agent__interrupted="restart", horizon=50,
        )  # fmt: skip
        at = f"T={every} P={thinking}"
        yield Case("restart under polls never plans", at, 1.0, "replan-each", chosen, nothing_fired)


def _intervals() -> Iterable[Case]:
    for rate, span in ((1.0, 2.0), (2.0, 1.0)):
        # One step that never comes back, so that nothing but news makes the agent replan.
        still = _settings(rate / 10, 2, 1, 1, world__fluents=10, agent__step_duration=100_000.0)
        at = f"Λ={rate} τ={span}"
        expected = 1 / theory.throttled(rate, span)
        long = {"horizon": 4 * GAPS * expected}
        chosen = still | long | {"policy.min_interval": span}
        yield Case(
            "minimum interval: replan gap (1+Λτ)/Λ", at, expected, "replan-each", chosen, request_gap, True
        )
        expected = 1 / theory.debounced(rate, span / 2)
        long = {"horizon": 4 * GAPS * expected}
        chosen = still | long | {"policy.debounce": span / 2}
        yield Case(
            "debounce: replan gap e^(Λτ)/Λ", f"Λ={rate} τ={span / 2}", expected, "replan-each", chosen,
            request_gap, True,
        )  # fmt: skip


def _poll() -> Iterable[Case]:
    for rate, v, every, late in ((0.1, 2, 4.0, 1.0), (0.15, 5, 2.0, 2.0)):
        chosen = _settings(
            rate, v, 1, 30,
            channel__sampling="poll", channel__poll_every=every, channel__latency=late,
            agent__step_duration="exponential(3)", horizon=2000,
        )  # fmt: skip
        expected = theory.poll_wrong(rate, v, every, late)
        at = f"V={v} λ={rate} T={every} L={late}"
        yield Case("poll: a belief is wrong", at, expected, "replan-each", chosen, later_staleness)
