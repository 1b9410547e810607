"""Intervals cover what they promise, on data whose mean is known."""

from __future__ import annotations

import math
from statistics import fmean

import numpy as np
import pytest

from plandrift.experiments.statistics.intervals import (
    bootstrap_interval,
    from_error,
    mean_interval,
    paired,
    quantile_interval,
    share_interval,
    sobol,
)
from plandrift.experiments.statistics.ratios import paired_ratios, ratio_interval
from tests.experiments.statistics.coverage import Values, coverage


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
    assert (share_interval(0, 362).low, share_interval(362, 362).high) == (0, 1)
    assert math.isnan(share_interval(0, 0).mean)
    with pytest.raises(ValueError, match="do not pair up"):
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


def test_the_interval_of_a_skewed_mean_covers_where_students_does_not() -> None:
    """2000 samples of 30 counts of which two in three are 0; standard error of the coverage 0.005."""
    random = np.random.default_rng(7)

    def draw() -> Values:
        return np.asarray(random.geometric(0.4, 30) * (random.random(30) < 0.33), np.float64)

    truth = 0.33 / 0.4
    got = coverage(mean_interval, draw, truth, 2000)
    student = coverage(
        lambda v: from_error(30, float(v.mean()), float(v.std(ddof=1)) / math.sqrt(30)), draw, truth, 2000
    )
    assert got > 0.93
    assert student < got - 0.01


def test_a_sum_that_few_values_carry_is_said_to_be_so() -> None:
    loop = np.array([0.0] * 14 + [1.0] * 14 + [2.0, 80.0])
    assert mean_interval(loop).carried_by == 1
    assert mean_interval([0.0] * 21 + [1.0] * 9).carried_by == 9
    assert mean_interval([0.0] * 20 + [1.0] * 10).carried_by == 0
    # Few seeds of which each counts are few, and not carried by some of them.
    assert mean_interval([3.0, 4.0, 5.0, 9.0]).carried_by == 0
    assert mean_interval([0.0] * 30).carried_by == 0
    assert paired(loop, np.zeros(30)).difference.carried_by == 1
    assert paired_ratios((loop, np.full(30, 90)), (np.zeros(30), np.full(30, 10))).difference.carried_by == 1
    assert ratio_interval(loop, np.full(30, 90)).carried_by == 1


def test_rare_events_are_few_only_where_fewer_than_ten_are_seen() -> None:
    """Of a yes or no, and of many counts, none outweighs the others: 30 of 1000 decide something."""
    for seen, few in ((30, 0), (9, 9)):
        flags = np.array([1.0] * seen + [0.0] * (1000 - seen))
        assert mean_interval(flags, bounds=(0.0, 1.0)).carried_by == few
        assert paired(flags, np.zeros(1000), bounds=(-1.0, 1.0)).difference.carried_by == few
        assert mean_interval(flags).carried_by == few
    assert mean_interval([1.0] * 12 + [0.0] * 188, bounds=(0.0, 1.0)).carried_by == 0
    # A count is another matter: six of 200 that hold more than half of all.
    assert mean_interval([20.0] * 6 + [1.0] * 14 + [0.0] * 180).carried_by == 4
