"""A rule stops a condition when it is sure, and not before."""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean

import numpy as np

from plandrift.experiments.statistics.intervals import (
    mean_interval,
)
from plandrift.experiments.sweeps.spec import Until
from plandrift.experiments.sweeps.stopping import BATCH, Sample, converged, half_width, next_stop
from tests.experiments.statistics.coverage import Values, coverage

RULE = Until(metric="replans", half_width=0.1, at_most=2000)
RATE = Until(metric="misfire_rate", half_width=0.1, at_most=2000)


def samples(values: Values) -> list[Sample]:
    return [(value, 1.0) for value in values.tolist()]


def stopped_at(draw: Callable[[int], Values], rule: Until) -> Values:
    values = draw(rule.at_most)
    n = BATCH
    while (more := next_stop(samples(values[:n]), rule)) is not None:
        n = more
    return values[:n]


def test_the_rule_stops_when_it_is_sure_and_not_before() -> None:
    random = np.random.default_rng(7)
    sizes = []
    for _ in range(60):
        held = samples(stopped_at(lambda n: random.normal(5, 0.5, n), RULE))
        assert converged(held, RULE)
        assert half_width(held, RULE.metric) <= 0.1
        assert len(held) % BATCH == 0
        sizes.append(len(held))
    # (1.96 · 0.5 / 0.1)² = 96 episodes are what it takes.
    assert 96 <= fmean(sizes) < 150


def test_the_rules_intervals_cover_what_they_promise() -> None:
    """2000 runs to a half-width of 0.25 of a deviation of 0.5: standard error 0.0049."""
    random = np.random.default_rng(8)
    rule = Until(metric="replans", half_width=0.15, at_most=2000)
    got = coverage(
        lambda v: mean_interval(v), lambda: stopped_at(lambda n: random.exponential(0.5, n), rule), 0.5, 2000
    )
    assert got > 0.92, got


def test_a_rare_event_not_yet_seen_is_not_taken_for_certainty() -> None:
    none: list[Sample] = [(0.0, 10.0)] * 20
    assert half_width(none, "misfire_rate") > 0.05
    assert not converged(none, RATE)
    assert next_stop(none, Until(metric="misfire_rate", half_width=0.01, at_most=100)) == 40


def test_an_episode_that_fired_nothing_stays_in_the_rate() -> None:
    """Ten episodes that fired one step each, beside ten that fired none."""
    some: list[Sample] = [(1.0, 1.0), (0.0, 0.0)] * 10
    assert half_width(some, "misfire_rate") == half_width([(1.0, 1.0)] * 10, "misfire_rate")


def test_the_rule_ends_at_its_cap() -> None:
    rule = Until(metric="replans", half_width=1e-6, at_most=50)
    random = np.random.default_rng(9)
    assert len(stopped_at(lambda n: random.normal(5, 1, n), rule)) == 50
