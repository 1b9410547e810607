"""Rates spread over fluents, and times that were measured."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from plandrift.experiments.statistics.theory import any_written_unevenly
from plandrift.policies import gated, plan_once
from plandrift.sim import Distribution, SettingError, Streams, World, run
from plandrift.sim.trace.events import Exogenous
from plandrift.worlds import Files, Records, Telegraph, Tickets


@pytest.mark.parametrize(("shape", "requires"), [(0.5, 1), (2.0, 2)])
def test_survival_is_the_closed_form(shape: float, requires: int) -> None:
    world = Telegraph(volatility=0.05, spread=shape, requires=requires, steps=12)
    episodes = [run(world, plan_once(), thinking_time=0.5, seed=seed) for seed in range(300)]
    for step in (0, 6, 11):
        written = [episode.steps[step].rewritten for episode in episodes]
        expected = any_written_unevenly(0.5 + step, 0.05, shape, requires)
        assert np.mean(written) == pytest.approx(expected, abs=4 * (expected * (1 - expected) / 300) ** 0.5)


@pytest.mark.parametrize("world", [Telegraph, Records, Files, Tickets], ids=lambda w: w.__name__)
def test_a_spread_makes_a_few_fluents_change_most(world: type[World]) -> None:
    def busiest(**settings: float) -> float:
        shares = []
        for seed in range(20):
            scene = world(volatility=0.1, **settings).begin(Streams(seed), 100.0)
            counts = Counter(fluent for _, fluent, _ in islice(scene.changes(), 150) if fluent)
            if counts.total() > 20:
                shares.append(max(counts.values()) / counts.total())
        return float(np.mean(shares))

    assert busiest(spread=0.2) > 1.3 * busiest()


def test_every_policy_meets_the_same_uneven_world() -> None:
    logs = []
    for policy in (plan_once(), gated()):
        episode = run(Records(volatility=0.1, spread=0.3), policy, seed=4, trace=True, horizon=20)
        logs.append([(e.t, e.fluent) for e in episode.trace if isinstance(e, Exogenous)])
    shorter = min(map(len, logs))
    assert logs[0][:shorter] == logs[1][:shorter] != []


def test_measured_times_are_drawn_from(tmp_path: Path) -> None:
    (tmp_path / "times.txt").write_text("0.5\n2\n3.5\n")
    measured = Distribution.parse(f"empirical({tmp_path / 'times.txt'})")
    assert measured == Distribution.parse(str(measured)) == Distribution.parse("empirical(0.5, 2, 3.5)")
    assert (measured.mean, measured.fixed) == (2.0, None)
    draw = measured.sampler(lambda: np.random.default_rng(1))
    found = Counter(draw() for _ in range(640))
    assert set(found) == {0.5, 2.0, 3.5}


@pytest.mark.parametrize("text", ["empirical(none.txt)", "empirical()", "empirical(-1)", "empirical(1, x)"])
def test_what_holds_no_times_is_refused(text: str) -> None:
    with pytest.raises(SettingError):
        Distribution.parse(text)
