"""Where the choice flips, and what a fact is worth: on costs whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from plandrift.experiments.agents.advise.flips import FACTORS, by_price, exactly, simulated
from plandrift.experiments.agents.advise.information import worth_knowing
from plandrift.experiments.agents.advise.prices import COMPONENTS, Prices


def test_a_flip_is_where_two_costs_cross() -> None:
    line = exactly("x", 2.0, lambda x: {"steep": x, "flat": 5.0, "never": 50.0})
    assert [part.best for part in line.stretches] == ["steep", "flat"]
    assert line.stretches[0].high == pytest.approx(5.0, rel=1e-3)


def test_the_advised_guard_is_left_only_for_one_that_is_surely_cheaper() -> None:
    random = np.random.default_rng(1)
    noise = random.normal(0, 1, 40)
    costs = [{"advised": 5 + noise, "other": 5 + random.normal(0, 1, 40) - (f > 4) * 3} for f in FACTORS]
    line = simulated("x", 1.0, costs, "advised")
    assert [part.best for part in line.stretches] == ["advised", "other"]
    assert (line.stretches[0].high, line.stretches[1].low) == (4.0, 8.0)


def test_a_price_flips_where_what_it_pays_for_outweighs_the_rest() -> None:
    means = {"none": np.zeros(len(COMPONENTS)), "looks": np.zeros(len(COMPONENTS))}
    means["none"][COMPONENTS.index("misfires")] = 0.5
    means["looks"][COMPONENTS.index("reads")] = 10
    prices = Prices(misfire=50, read=1, unmet=0)
    lines = {line.name: line for line in by_price(prices, means)}
    read = lines["price of a read"]
    assert [part.best for part in read.stretches] == ["looks", "none"]
    assert read.stretches[0].high == pytest.approx(2.5, rel=1e-3)
    # Goals unmet cost what a misfire does where nothing else is said, so they move with it.
    means["none"][COMPONENTS.index("unmet")] = 0.5
    tied = {line.name: line for line in by_price(Prices(misfire=50, read=1), means)}["price of a misfire"]
    assert tied.stretches[0].high == pytest.approx(10.0, rel=1e-3)


def test_a_fact_is_worth_what_switching_on_it_saves() -> None:
    random = np.random.default_rng(2)
    theta, other = random.normal(0, 1, 4000), random.normal(0, 1, 4000)
    # b is better where theta is above 0, by theta: knowing it saves E[max(0, theta)] = 0.3989.
    costs = {"a": 10 + random.normal(0, 1, 4000), "b": 10 - theta + random.normal(0, 1, 4000)}
    worth = worth_knowing(costs, "a", {"other": other.tolist(), "theta": theta.tolist()})
    assert next(iter(worth)) == "theta"
    assert worth["theta"] == pytest.approx(0.3989, abs=0.06)
    assert worth["other"] < 0.03


def test_nothing_is_worth_knowing_where_one_is_always_best() -> None:
    theta = np.linspace(-1, 1, 200)
    costs = {"a": 1 + theta, "b": 5 + theta**2}
    assert worth_knowing(costs, "a", {"theta": theta.tolist()}) == {"theta": 0.0}
