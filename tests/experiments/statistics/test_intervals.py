"""Intervals cover what they promise, on data whose mean is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import fmean

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.statistics.intervals import (
    Interval,
    bootstrap_interval,
    mean_interval,
    paired,
    quantile_interval,
    share_interval,
    sobol,
)
from experiments.sweeps.spec import Until
from experiments.sweeps.stopping import BATCH, converged, half_width, next_stop

Values = NDArray[np.float64]


def coverage(
    interval: Callable[[Values], Interval], draw: Callable[[], Values], truth: float, n: int
) -> float:
    held = (interval(draw()) for _ in range(n))
    return fmean(i.low <= truth <= i.high for i in held)


def test_a_t_interval_covers_95_in_100() -> None:
    """4000 samples of 8: standard error of the coverage 0.0034. A normal quantile would cover 0.91."""
    random = np.random.default_rng(1)
    got = coverage(mean_interval, lambda: random.normal(3.0, 2.0, 8), 3.0, 4000)
    assert abs(got - 0.95) < 4 * 0.0034


def test_wilsons_interval_covers_95_in_100_on_average_over_shares() -> None:
    random = np.random.default_rng(2)
    covered = []
    for _ in range(4000):
        p = random.uniform(0.02, 0.98)
        i = share_interval(int(random.binomial(50, p)), 50)
        covered.append(i.low <= p <= i.high)
    assert abs(fmean(covered) - 0.95) < 4 * 0.0034 + 0.004


def test_a_bca_interval_covers_a_skewed_mean_better_than_it_misses() -> None:
    """400 samples of 60 exponentials: BCa is near its promise, within four standard errors (0.011)."""
    random = np.random.default_rng(3)
    got = coverage(
        lambda v: bootstrap_interval(v, resamples=500), lambda: random.exponential(2.0, 60), 2.0, 400
    )
    assert 0.90 < got < 0.99


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_quantile_interval_covers_at_least_what_it_promises(share: float) -> None:
    random = np.random.default_rng(4)
    truth = -math.log(1 - share)
    got = coverage(lambda v: quantile_interval(v, share), lambda: random.exponential(1.0, 100), truth, 1500)
    assert 0.94 < got < 0.985


def test_pairing_narrows_what_is_common_and_covers() -> None:
    random = np.random.default_rng(5)
    covered, gains = [], []
    for _ in range(1000):
        common = random.normal(0, 3, 30)
        pair = paired(common + random.normal(1, 1, 30), common + random.normal(0, 1, 30))
        covered.append(pair.difference.low <= 1 <= pair.difference.high)
        gains.append(pair.gain)
    assert abs(fmean(covered) - 0.95) < 4 * 0.007
    # Var(a) + Var(b) is 20, Var(a − b) is 2.
    assert abs(fmean(gains) - math.sqrt(10)) < 0.3


def test_what_cannot_be_known_is_nan_and_never_a_guess() -> None:
    assert math.isnan(mean_interval([]).mean)
    assert math.isnan(mean_interval([1.0]).low)
    assert mean_interval([1.0, math.nan, 3.0]).n == 2
    assert share_interval(0, 20).high > 0.1
    assert math.isnan(share_interval(0, 0).mean)
    with pytest.raises(ValueError, match="needs two"):
        paired([1.0], [1.0, 2.0])


def test_sobol_indices_of_a_sum_are_the_shares_of_its_variance() -> None:
    """y = 2a + b with a, b uniform: 4/5 and 1/5 of the variance, with no interaction."""
    random = np.random.default_rng(6)
    a, b = random.random((2, 1024)), random.random((2, 1024))

    def y(x: Values) -> Values:
        weighed: Values = 2 * x[0] + x[1]
        return weighed

    mixed = np.array([y(np.array([b[0], a[1]])), y(np.array([a[0], b[1]]))])
    for index, share in zip(sobol(["a", "b"], y(a), y(b), mixed), (0.8, 0.2), strict=True):
        assert index.first.low - 0.02 <= share <= index.first.high + 0.02
        assert index.total.low - 0.02 <= share <= index.total.high + 0.02
        assert index.first.high - index.first.low < 0.3


RULE = Until(metric="misfire_rate", half_width=0.1, at_most=2000)


def stopped_at(draw: Callable[[int], Values], rule: Until) -> Values:
    values = draw(rule.at_most)
    n = BATCH
    while (more := next_stop(values[:n].tolist(), rule)) is not None:
        n = more
    return values[:n]


def test_the_rule_stops_when_it_is_sure_and_not_before() -> None:
    random = np.random.default_rng(7)
    sizes = []
    for _ in range(60):
        held = stopped_at(lambda n: random.normal(0, 0.5, n), RULE).tolist()
        assert converged(held, RULE)
        assert half_width(held, "misfire_rate") <= 0.1
        assert len(held) % BATCH == 0
        sizes.append(len(held))
    # (1.96 · 0.5 / 0.1)² = 96 episodes are what it takes.
    assert 96 <= fmean(sizes) < 150


def test_the_rules_intervals_cover_what_they_promise() -> None:
    """2000 runs to a half-width of 0.25 of a deviation of 0.5: standard error 0.0049."""
    random = np.random.default_rng(8)
    rule = Until(metric="plan_staleness", half_width=0.15, at_most=2000)
    got = coverage(
        lambda v: mean_interval(v), lambda: stopped_at(lambda n: random.exponential(0.5, n), rule), 0.5, 2000
    )
    assert got > 0.92, got


def test_a_rare_event_not_yet_seen_is_not_taken_for_certainty() -> None:
    assert half_width([0.0] * 20, "misfire_rate") > 0.05
    assert not converged([0.0] * 20, RULE)
    assert next_stop([0.0] * 20, Until(metric="misfire_rate", half_width=0.01, at_most=100)) == 40


def test_the_rule_ends_at_its_cap() -> None:
    rule = Until(metric="misfires", half_width=1e-6, at_most=50)
    random = np.random.default_rng(9)
    assert len(stopped_at(lambda n: random.normal(0, 1, n), rule)) == 50
