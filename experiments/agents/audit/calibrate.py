"""The simulator settings that fit a trace, with intervals: rates of change, times, steps per plan.

A single exponential rate does not describe real files: a few change often, most hardly ever. Two forms of the
share that somebody else changed within t are fitted by maximum likelihood to the same pairs (age of a basis,
changed or not): one rate, 1 − e^(−λt), and rates spread over fluents by a gamma distribution, 1 − (1 +
t/b)^(−a). In the simulator the second is `world.spread` a with volatility a/b.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from plandrift.experiments.agents.audit.ledger import AuditedWrite, AuditLedger
from plandrift.experiments.agents.audit.measures import thinking_times, tool_times
from plandrift.experiments.agents.audit.rates import write_share
from plandrift.experiments.statistics.intervals import LEVEL, Interval, mean_interval
from plandrift.experiments.statistics.quantiles import student
from plandrift.sim import PlandriftError

RESAMPLES = 200
ENOUGH = 10
"""With fewer changes the spread of the rates is not estimated; the spec then uses a single rate."""
OWN = ("own formatter", "own command", "own git")
"""The possible authors of changes that are side effects of the agent's own commands."""
QUANTILES = 200
"""The number of quantiles kept of a measured distribution."""
Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class FittedRates:
    """How often somebody else changes a fluent.

    Attributes:
        pairs: writes whose whole basis is known.
        changed: how many of these wrote over a change.
        rate: the rate of the single exponential, per second.
        shape: a of the gamma mixture.
        scale: b of the gamma mixture, in seconds.
        mean: the mixture's mean rate over fluents, a/b, per second.
        exponential_loss: negative log-likelihood of the single rate.
        gamma_loss: negative log-likelihood of the mixture.
    """

    pairs: int
    changed: int
    rate: Interval
    shape: Interval
    scale: Interval
    mean: Interval
    exponential_loss: float
    gamma_loss: float

    def share(self, age: float) -> float:
        """Return the probability that a fluent was changed within an age, by the mixture."""
        return -math.expm1(-self.shape.mean * math.log1p(age / self.scale.mean))


@dataclass(frozen=True)
class FittedTime:
    """A time, as fitted and as measured.

    Attributes:
        name: the setting that it is for.
        n: number of times measured.
        mean: mean in seconds.
        shape: σ of the logarithm, for the lognormal distribution with that median and spread.
        quantiles: measured quantiles, ascending.
    """

    name: str
    n: int
    mean: float
    shape: float
    quantiles: tuple[float, ...]


@dataclass(frozen=True)
class Calibration:
    """What a trace implies for the simulator's settings.

    Attributes:
        rates: rates of change, by any author.
        others: rates of the changes that are not side effects of the agent's own commands; None if there
            are none.
        times: thinking times, and durations of reads and writes.
        steps: writes per turn, over the turns with writes.
        side_effects: of the agent's writes whose file was read again, the share after which the file had
            changed, with nothing but the agent's own commands run in between.
    """

    rates: FittedRates
    others: FittedRates | None
    times: list[FittedTime]
    steps: Interval
    side_effects: Interval


@dataclass(frozen=True)
class Prediction:
    """What the rates of one trace predict for another.

    Attributes:
        predicted: share of the other's writes whose basis had changed, with the interval of the rates.
        observed: the observed share.
    """

    predicted: Interval
    observed: Interval

    @property
    def holds(self) -> bool:
        """Say whether the observed share lies within the prediction."""
        return self.predicted.low <= self.observed.mean <= self.predicted.high


def calibrate(ledger: AuditLedger, seed: int = 0) -> Calibration:
    """Fit the simulator's settings to a trace.

    Raises:
        PlandriftError: no write has a known whole basis, or none had been changed.
    """
    thoughts = thinking_times(ledger.operations)
    kinds = {op.tool: op.kind for op in ledger.operations}
    taken = tool_times(ledger.operations)
    reads = [t for tool, times in taken.items() if kinds[tool] == "read" for t in times]
    writes = [t for tool, times in taken.items() if kinds[tool] == "write" for t in times]
    times = [
        _time(name, values)
        for name, values in (
            ("agent.thinking_time", thoughts),
            ("agent.read_latency", reads),
            ("agent.step_duration", writes),
        )
        if len(values) > 1
    ]
    turns: dict[tuple[str, str, int], int] = {}
    for write in ledger.writes:
        key = (write.operation.session, write.operation.agent, write.operation.turn)
        turns[key] = turns.get(key, 0) + write.operation.ok
    after_own = [
        w for w in ledger.writes if w.whole_age is not None and w.basis is not None and w.basis.read_at
    ]
    own = [w for w in after_own if w.basis is not None and w.basis.known_at != w.basis.read_at]
    effects = [w.outdated and w.author in OWN for w in own]
    _, theirs, _ = _pairs(ledger.writes, OWN)
    return Calibration(
        fit_rates(ledger.writes, seed),
        fit_rates(ledger.writes, seed, OWN) if theirs.any() else None,
        times,
        mean_interval([n for n in turns.values() if n]),
        write_share(own, effects),
    )


def _time(name: str, values: Sequence[float]) -> FittedTime:
    known = np.sort(np.asarray(values, float))
    positive = known[known > 0]
    logs = np.log(positive) if positive.size else np.zeros(1)
    median, shape = float(np.exp(np.median(logs))), max(float(logs.std()), 1e-3)
    places = (np.arange(QUANTILES) + 0.5) / QUANTILES
    return FittedTime(
        name,
        known.size,
        median * math.exp(shape**2 / 2),
        shape,
        tuple(float(q) for q in np.quantile(known, places)),
    )


def fit_rates(writes: Sequence[AuditedWrite], seed: int = 0, without: Sequence[str] = ()) -> FittedRates:
    """Fit both forms, with intervals on the log scale: t with the standard error over resampled sessions.

    Args:
        writes: the writes whose changed bases are fitted.
        seed: seed of the resampling.
        without: authors whose changes do not count.

    Raises:
        PlandriftError: there is nothing to fit.
    """
    ages, changed, sessions = _pairs(writes, without)
    if not changed.any() or changed.all():
        raise PlandriftError(
            f"{int(changed.sum())} of {changed.size} writes with a known basis wrote over a change: rates "
            "cannot be fitted to that; import more transcripts"
        )
    rate, exponential = _one_rate(ages, changed)
    (shape, scale), gamma = _mixture(ages, changed)
    random = np.random.default_rng(seed)
    named, place = np.unique(sessions, return_inverse=True)
    rows = []
    for _ in range(RESAMPLES):
        weight = _drawn(random, len(named))[place]
        if (weight * changed).sum() == 0:
            continue
        again = _one_rate(ages, changed, weight)[0]
        (a, b), _ = _mixture(ages, changed, weight, (shape, scale))
        rows.append((again, a, b, a / b))
    drawn = np.array(rows)

    def interval(value: float, column: int) -> Interval:
        if len(rows) <= 20 or len(named) < 2:
            return Interval(value, math.nan, math.nan, len(named))
        # Rates are skewed and sessions few: this covers better than quantiles of the resamples.
        half = student(LEVEL, len(named) - 1) * float(np.log(drawn[:, column]).std(ddof=1))
        return Interval(value, value * math.exp(-half), value * math.exp(half), len(named))

    return FittedRates(
        pairs=changed.size,
        changed=int(changed.sum()),
        rate=interval(rate, 0),
        shape=interval(shape, 1),
        scale=interval(scale, 2),
        mean=interval(shape / scale, 3),
        exponential_loss=exponential,
        gamma_loss=gamma,
    )


def predict(fitted: Sequence[AuditedWrite], other: Sequence[AuditedWrite], seed: int = 0) -> Prediction:
    """Predict the writes of one trace from the rates of another, at the ages these writes had.

    The interval combines the uncertainty of the rates (sessions resampled) with chance in the other trace's
    writes.
    """
    ages, changed, sessions = _pairs(fitted)
    known = [w for w in other if w.whole_age is not None and w.whole_age > 0 and w.operation.ok]
    others = np.array([w.whole_age for w in known], float)
    (shape, scale), _ = _mixture(ages, changed)
    random = np.random.default_rng(seed)
    named, place = np.unique(sessions, return_inverse=True)
    drawn = []
    for _ in range(RESAMPLES):
        weight = _drawn(random, len(named))[place]
        (a, b), _ = _mixture(ages, changed, weight, (shape, scale))
        likely = -np.expm1(-a * np.log1p(others / b))
        drawn.append(float((random.random(likely.size) < likely).mean()))
    mean = float((-np.expm1(-shape * np.log1p(others / scale))).mean())
    low, high = np.quantile(drawn, (0.025, 0.975))
    observed = write_share(known, [w.outdated for w in known])
    return Prediction(Interval(mean, float(low), float(high), len(known)), observed)


def _drawn(random: np.random.Generator, n: int) -> Array:
    """Return how often each of n sessions is drawn, with replacement."""
    return np.bincount(random.integers(n, size=n), minlength=n).astype(float)


def _pairs(writes: Sequence[AuditedWrite], without: Sequence[str] = ()) -> tuple[Array, Array, list[str]]:
    known = [w for w in writes if w.whole_age is not None and w.whole_age > 0 and w.operation.ok]
    if not known:
        raise PlandriftError(
            "no write has a basis that is known as a whole: rates cannot be fitted to this trace"
        )
    ages = np.array([w.whole_age for w in known], float)
    changed = [w.outdated and w.author not in without for w in known]
    return ages, np.array(changed, float), [w.operation.session for w in known]


def _loss(survival_log: Array, changed: Array, weight: Array | float) -> float:
    """Return the negative log-likelihood of survivals and failures, from the log survival."""
    gone = np.log(np.maximum(-np.expm1(survival_log), 1e-300))
    return float(-(weight * np.where(changed > 0, gone, survival_log)).sum())


def _one_rate(ages: Array, changed: Array, weight: Array | float = 1.0) -> tuple[float, float]:
    from scipy import optimize

    found = optimize.minimize_scalar(
        lambda log: _loss(-math.exp(log) * ages, changed, weight), bounds=(-30, 5), method="bounded"
    )
    return math.exp(float(found.x)), float(found.fun)


def _mixture(
    ages: Array, changed: Array, weight: Array | float = 1.0, start: tuple[float, float] | None = None
) -> tuple[tuple[float, float], float]:
    from scipy import optimize

    def loss(logs: Any) -> float:
        shape, scale = np.exp(np.clip(logs, -12, 18))
        return _loss(-shape * np.log1p(ages / scale), changed, weight)

    starts = [start] if start is not None else [(0.05, 60.0), (0.5, 3600.0), (5.0, 1e5)]
    best = min(
        (optimize.minimize(loss, np.log(s), method="Nelder-Mead", options={"xatol": 1e-4}) for s in starts),
        key=lambda found: float(found.fun),
    )
    shape, scale = np.exp(np.clip(best.x, -12, 18))
    return (float(shape), float(scale)), float(best.fun)


def settings_toml(found: Calibration, source: str, folder: Path, stem: str) -> str:
    """Return a spec for `sweep` with the fitted settings, and write files of measured times beside it.

    Args:
        found: the calibration.
        source: what it was fitted to, in words.
        folder: the folder for the files of times.
        stem: how the files' names begin.

    Raises:
        PlandriftError: a file cannot be written.
    """
    r, own = found.others or found.rates, found.side_effects
    apart = found.others is not None and own.n > 0
    spread = r.changed >= ENOUGH
    volatility = r.mean if spread else r.rate
    steps = max(1, round(found.steps.mean))
    last = sum(t.mean for t in found.times if t.name == "agent.thinking_time")
    written = {t.name: folder / f"{stem}-{t.name.partition('.')[2]}.txt" for t in found.times}
    for time in found.times:
        try:
            written[time.name].write_text("".join(f"{q:.6g}\n" for q in time.quantiles), encoding="utf-8")
        except OSError as error:
            raise PlandriftError(f"--out {written[time.name]}: {error.strerror}") from None
    lines = [
        f'title = "Calibrated on {source}"',
        'world = "telegraph"',
        "seeds = 100",
        # Long enough for a plan's steps, however long the agent thinks between them.
        f"horizon = {math.ceil(100 * (steps + 1) * max(last, 1.0))}",
        "",
        "[grid]",
        'policy = ["plan-once", "gated", "look-first", "if-match"]',
        "",
        "[fixed]",
        f"# one unit of time is a second; fitted to {r.changed} changes under {r.pairs} writes of {r.mean.n} "
        "sessions",
        "# by others, or by an unseen author: what the agent's own commands explain is in agent.side_effects"
        if apart
        else "# by any author: the agent's own commands could explain all of them",
        f"# negative log-likelihood: one rate {r.exponential_loss:.1f}, rates spread {r.gamma_loss:.1f}",
        f"# 95 % of the mean rate: {volatility.low:.3g} to {volatility.high:.3g}"
        if volatility.low < volatility.high
        else "# the uncertainty of that rate is unknown: all writes are from one session",
        f"volatility = {volatility.mean:.6g}",
        *(
            [
                f"# 95 % of the spread: {r.shape.low:.3g} to {r.shape.high:.3g}",
                f'"world.spread" = {r.shape.mean:.6g}',
            ]
            if spread
            else [f"# one rate: {r.changed} changes are too few to estimate the spread of the rates"]
        ),
        # A hash seldom returns to an earlier one, so with many values every change makes a difference.
        '"world.values" = 1000',
        f'"world.steps" = {steps}',
    ]
    if apart:
        lines += [
            f"# share of own writes, of {own.n} read again, after which an own command had changed the "
            "file; in telegraph any wire",
            f'"agent.side_effects" = {own.mean:.6g}',
        ]
    for time in found.times:
        fitted = f"lognormal(mean={time.mean:.4g}, shape={time.shape:.4g})"
        lines += [f"# {time.n} times; fitted: {fitted}", f'"{time.name}" = "empirical({written[time.name]})"']
    known = {
        name: f"[{of.low:.6g}, {of.high:.6g}]"
        for name, of, said in (
            ("volatility", volatility, True),
            ("world.spread", r.shape, spread),
            ("agent.side_effects", own, apart),
        )
        if said and of.low < of.high
    }
    if known:
        lines += ["", "[intervals]", "# 95 % intervals, from which `plandrift agent advise` draws"]
        lines += [f'"{name}" = {ends}' for name, ends in known.items()]
    return "\n".join(lines) + "\n"
