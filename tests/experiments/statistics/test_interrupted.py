"""The forms for thinking that is interrupted, against integrals and against each other."""

from __future__ import annotations

import math

import numpy as np
import pytest

from plandrift.experiments.statistics.interrupted import (
    discounted_under_restart,
    time_under_replace,
    time_under_restart,
    transform,
)
from plandrift.sim import Distribution

TIMES = (
    *("1.5", "0", "uniform(0.5, 2)", "uniform(1, 1)", "exponential(2)", "gamma(1, 4)", "gamma(1, 0.3)"),
    *("lognormal(1, 1)", "lognormal(2, 4)", "empirical(1, 2, 4)"),
)


def drawn(time: Distribution) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if time.fixed is not None:
        return np.array([time.fixed])
    random = np.random.default_rng(3)
    return np.array([value for _ in range(3000) for value in time.block(random)])


@pytest.mark.parametrize("text", TIMES)
def test_transforms_are_means_over_draws(text: str) -> None:
    time = Distribution.parse(text)
    draws = drawn(time)

    def meets(expected: float, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bool:
        return abs(float(values.mean()) - expected) <= 4 * float(values.std()) / math.sqrt(draws.size) + 1e-9

    for rate in (0.1, 0.7):
        assert meets(transform(time, rate), np.exp(-rate * draws))
        assert meets(discounted_under_restart(rate, time), 1 - np.tanh(rate * draws))
    assert transform(time, 0.0) == pytest.approx(1, abs=1e-12)


def test_of_a_constant_time_both_are_the_same() -> None:
    time = Distribution.constant(3.0)
    assert time_under_restart(0.5, time) == pytest.approx(math.expm1(1.5) / 0.5)
    assert time_under_replace(0.5, time) == pytest.approx(math.expm1(1.5) / 0.5)
    assert time_under_restart(0.5, Distribution.parse("uniform(3, 3)")) == time_under_restart(0.5, time)


def test_where_a_time_varies_a_restart_takes_longer_and_may_never_end() -> None:
    exponential, lognormal = Distribution.parse("exponential(2)"), Distribution.parse("lognormal(1, 0.5)")
    for rate in (0.01, 0.5, 3.0):
        assert time_under_replace(rate, exponential) == pytest.approx(2.0)
        assert time_under_restart(rate, lognormal) == math.inf
        assert time_under_replace(rate, lognormal) < math.expm1(rate) / rate
    assert time_under_restart(0.4, exponential) == pytest.approx(10.0)
    assert time_under_restart(0.5, exponential) == time_under_restart(0.6, exponential) == math.inf
    assert time_under_restart(0.4, Distribution.parse("gamma(2, 1)")) == pytest.approx(10.0)
    assert time_under_restart(0.4, Distribution.parse("gamma(1, 4)")) == pytest.approx((0.9**-4 - 1) / 0.4)
    uniform = Distribution.parse("uniform(0.5, 2)")
    assert time_under_restart(0.6, uniform) > math.expm1(0.6 * 1.25) / 0.6 > time_under_replace(0.6, uniform)
