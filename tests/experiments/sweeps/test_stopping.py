"""A rule stops a condition when it is sure, and not before."""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean

import numpy as np

from experiments.statistics.intervals import (
    mean_interval,
)
from experiments.sweeps.spec import Until
from experiments.sweeps.stopping import BATCH, converged, half_width, next_stop
from tests.experiments.statistics.coverage import Values, coverage

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
