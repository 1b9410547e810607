"""Arrivals whose rate varies over time: as many as the rate function says, when it says, and no more."""

from __future__ import annotations

import math
from itertools import takewhile

import numpy as np
import pytest

from plandrift.sim import WorldError, arrivals


def wave(time: float) -> float:
    return 1 + 0.8 * math.sin(time / 5)


def until(end: float, rate: float = 2.0) -> list[tuple[float, str, float]]:
    random = np.random.default_rng(3)
    found = arrivals(random, {"a": 1.0, "b": 3.0}, rate, at=wave, most=1.8)
    return list(takewhile(lambda arrival: arrival[0] < end, found))


def test_they_come_at_the_rate_of_their_time() -> None:
    found = until(2000.0)
    # Over the time from 5·a to 5·b of a wave: ∫ 8 (1 + 0.8 sin(t/5)) dt, four names' worth at rate 2.
    for low, high in ((0.0, math.pi), (math.pi, 2 * math.pi)):
        waves = int(2000 / (10 * math.pi))
        expected = waves * 8 * 5 * ((high - low) + 0.8 * (math.cos(low) - math.cos(high)))
        seen = sum(low <= (t / 5) % (2 * math.pi) < high for t, _, _ in found if t < waves * 10 * math.pi)
        assert abs(seen - expected) < 4 * math.sqrt(expected)


def test_names_and_marks_are_as_of_a_constant_rate() -> None:
    found = until(1000.0)
    share = sum(name == "b" for _, name, _ in found) / len(found)
    assert share == pytest.approx(0.75, abs=4 * math.sqrt(0.75 * 0.25 / len(found)))
    marks = np.array([mark for _, _, mark in found])
    assert (marks >= 0).all()
    assert (marks < 1).all()
    # Whatever was thrown away before: uniform, in the busy half of a wave and in the idle one.
    busy = np.array([wave(time) > 1 for time, _, _ in found])
    for some in (marks[busy], marks[~busy]):
        assert some.mean() == pytest.approx(0.5, abs=4 / math.sqrt(12 * some.size))


def test_a_rate_function_of_one_is_a_constant_rate() -> None:
    plain = arrivals(np.random.default_rng(1), {"a": 1.0}, 0.5)
    same = arrivals(np.random.default_rng(1), {"a": 1.0}, 0.5, at=lambda _: 1.0)
    assert [next(plain) for _ in range(300)] == [next(same) for _ in range(300)]


@pytest.mark.parametrize("wrong", [-0.1, 1.1, math.nan])
def test_a_rate_out_of_its_bounds_is_refused(wrong: float) -> None:
    with pytest.raises(WorldError, match=r"a rate function lies between 0 and most = 1"):
        next(arrivals(np.random.default_rng(1), {"a": 1.0}, 1.0, at=lambda _: wrong))
