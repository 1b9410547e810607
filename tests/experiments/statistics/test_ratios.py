"""Rates are sums over sums, with intervals that cover what they promise and end inside."""

from __future__ import annotations

import math
from statistics import fmean

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plandrift.experiments.statistics.intervals import ENOUGH, SHARE, alike, mean_interval, paired
from plandrift.experiments.statistics.ratios import paired_ratios, ratio_interval


def episodes(random: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Steps fired and misfires: whoever fires much misfires seldom, so that the mean of rates is far off."""
    fired = random.integers(0, 20, n)
    return random.binomial(fired, np.where(fired < 5, 0.8, 0.1)), fired


def test_the_interval_of_a_rate_covers_95_in_100_and_the_mean_of_rates_does_not() -> None:
    """3000 samples of 60 episodes: standard error of the coverage 0.004."""
    random = np.random.default_rng(11)
    part, whole = episodes(random, 2_000_000)
    truth = part.sum() / whole.sum()
    covered, naive = [], []
    for _ in range(3000):
        some, of = episodes(random, 60)
        found = ratio_interval(some, of)
        covered.append(found.low <= truth <= found.high)
        alone = mean_interval(some[of > 0] / of[of > 0])
        naive.append(alone.low <= truth <= alone.high)
    assert 0.93 < fmean(covered) < 0.97
    assert fmean(naive) < 0.5


def test_the_difference_of_two_rates_is_paired_by_seed_and_covers() -> None:
    random = np.random.default_rng(12)
    covered, gains = [], []
    for _ in range(2000):
        hard = random.uniform(0, 1, 50)
        a, b = (random.binomial(20, share * hard) for share in (0.6, 0.4))
        found = paired_ratios((a, np.full(50, 20)), (b, np.full(50, 20)))
        covered.append(found.difference.low <= 0.1 <= found.difference.high)
        gains.append(found.gain)
    assert 0.93 < fmean(covered) < 0.97
    assert fmean(gains) > 1.3


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=30))
def test_a_share_and_its_interval_keep_within_0_and_1(pairs: list[tuple[int, int]]) -> None:
    parts, wholes = [min(p) for p in pairs], [max(p) for p in pairs]
    found = ratio_interval(parts, wholes)
    if not sum(wholes):
        assert math.isnan(found.mean)
        return
    assert found.mean == sum(parts) / sum(wholes)
    if not math.isnan(found.low):
        assert 0 <= found.low <= found.mean + 1e-12
        assert found.mean - 1e-12 <= found.high <= 1


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_so_does_a_mean_of_shares(values: list[float]) -> None:
    found = mean_interval(values, bounds=SHARE)
    if not math.isnan(found.low):
        assert 0 <= found.low <= found.mean + 1e-9
        assert found.mean - 1e-9 <= found.high <= 1


@given(st.lists(st.integers(0, 50), min_size=2, max_size=20))
def test_a_count_is_never_below_0(values: list[int]) -> None:
    found = mean_interval(values, bounds=(0, math.inf))
    assert math.isnan(found.low) or 0 <= found.low <= found.mean <= found.high


def test_few_values_that_are_all_alike_are_not_taken_for_certainty() -> None:
    assert ratio_interval([0, 0], [1, 1]).high > 0.5
    assert ratio_interval([1] * 5, [1] * 5).low < 0.7
    assert math.isclose(alike(5, 0.0, bounds=(0, math.inf)).high, -math.log(0.025) / 5)
    assert math.isnan(alike(ENOUGH - 1, 7.0).low)
    assert alike(ENOUGH, 7.0).low == 7.0
    assert math.isnan(paired([1.0] * 5, [1.0] * 5).difference.low)
    assert paired([1.0] * ENOUGH, [1.0] * ENOUGH).difference.high == 0
    assert math.isnan(paired_ratios(([1] * 5, [2] * 5), ([1] * 5, [2] * 5)).difference.low)


def test_a_rate_of_which_none_was_seen_is_over_the_denominator_of_those_beside_it() -> None:
    """60 episodes of 10 steps: none seen is beside one seen, and beside the count of which none was seen."""
    none, one = ([0] * 60, [10] * 60), ([1] + [0] * 59, [10] * 60)
    found = ratio_interval(*none)
    count = mean_interval(none[0], bounds=(0, math.inf))
    assert math.isclose(found.high, count.high / 10)
    assert found.high < ratio_interval(*one).high < 3 * found.high
    # Nor is it as if steps of one episode were independent of each other: 60 tries, not 600.
    idle = ratio_interval([0] * 60, [20] * 30 + [0] * 30, episodes=60)
    assert math.isclose(idle.high, 2 * found.high)
    # Two conditions on each seed are no more witnesses than one, and their wholes are an episode's.
    assert math.isclose(ratio_interval([0] * 60, [20] * 60, episodes=120).high, found.high)
    assert math.isclose(1 - ratio_interval([10] * 60, [10] * 60).low, found.high)


def test_an_episode_that_fired_nothing_stays_in_and_adds_nothing() -> None:
    with_idle = ratio_interval([1, 2, 0, 0], [10, 10, 0, 0])
    assert with_idle.mean == ratio_interval([1, 2], [10, 10]).mean == 0.15
    assert with_idle.n == 4
