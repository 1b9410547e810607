"""The choice among several: right as often as it promises, and sooner than by running all to the end."""

from __future__ import annotations

import numpy as np

from plandrift.experiments.agents.advise.prices import Array
from plandrift.experiments.agents.advise.ranking import FIRST, ROUND, Ranking


def race(means: dict[str, float], seed: int, most: int = 4000, zone: float = 0.5) -> tuple[Ranking, int]:
    """Normal costs with common noise, until it is settled; and how many were drawn."""
    random = np.random.default_rng(seed)

    def more(names: list[str], count: int) -> dict[str, Array]:
        shared = random.normal(0, 5, count)
        return {name: 10 + means[name] + shared + random.normal(0, 2, count) for name in names}

    ranking = Ranking(more(list(means), FIRST))
    drawn = FIRST * len(means)
    ranking.begin(zone)
    while not ranking.settled and ranking.seeds < most:
        drawn += ROUND * len(ranking.left)
        ranking.add(more(ranking.left, ROUND))
    return ranking, drawn


def test_the_cheapest_is_found_as_often_as_promised_and_sooner() -> None:
    means = {f"c{i}": 0.5 * (i > 0) + 0.4 * i for i in range(8)}
    right = saved = 0
    for seed in range(100):
        ranking, drawn = race(means, seed)
        right += ranking.left == ["c0"]
        saved += len(means) * ranking.seeds - drawn
    assert right >= 95
    assert saved > 0


def test_a_difference_that_does_not_matter_ends_it_all_the_same() -> None:
    ranking, _ = race({"a": 0.0, "b": 0.05}, 3)
    assert ranking.settled
    assert not ranking.above(*sorted(ranking.costs, key=lambda n: n not in ranking.left)[::-1]).low > 0.5


def test_those_that_cost_the_same_on_every_seed_stay_together() -> None:
    random = np.random.default_rng(0)
    costs = random.normal(5, 1, FIRST)
    ranking = Ranking({"a": costs, "b": costs.copy(), "c": costs + 9})
    ranking.begin(0.5)
    assert ranking.settled
    assert ranking.left == ["a", "b"]
    assert ranking.out == {"c": FIRST}


def test_the_less_a_difference_may_be_the_longer_nobody_leaves_for_noise() -> None:
    def left(zone: float) -> int:
        return sum(len(race({"a": 0.0, "b": 0.0, "c": 0.0}, seed, FIRST, zone)[0].left) for seed in range(50))

    assert left(0.05) == 150
    assert left(0.05) > left(0.5)
