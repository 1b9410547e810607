"""Choosing the cheapest of several contenders by simulation; one drops out when it is certain to cost more.

The procedure is KN of Kim and Nelson (2001), A fully sequential procedure for indifference-zone selection
in simulation, ACM TOMACS 11(3), 251-273, which allows common random numbers. A first stage of n0 seeds
gives the variance of each pair's difference. From then on contender i drops out once its mean cost is above
another's by more than W = max(0, δ/(2r) (h² S² / δ² − r)), where r is the number of seeds so far, h² =
2η(n0 − 1) and η = ((2α/(k − 1))^(−2/(n0 − 1)) − 1)/2. If the cheapest is cheaper by at least δ, it is found
with a probability of at least 1 − α for normal costs; here the means of whole rounds are compared, which are
nearly normal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from plandrift.experiments.agents.advise.prices import Array
from plandrift.experiments.statistics.intervals import Interval, mean_interval, paired

FIRST = 64
"""Seeds before any contender can drop out."""

ROUND = 16
"""Seeds between two checks."""

RISK = 0.05
"""α: the largest probability of choosing a contender that is not the cheapest."""


@dataclass
class Ranking:
    """The contenders' costs as they arrive, and who is still in the race.

    Attributes:
        costs: each contender's costs, one per seed, from seed 0 on.
        first: n0, the seeds before any contender can drop out.
        zone: δ, a difference that does not matter; None until the first stage is over.
        left: the contenders still in the race.
        out: the contenders that dropped out, and after how many seeds.
    """

    costs: dict[str, Array]
    first: int = FIRST
    zone: float | None = None
    left: list[str] = field(default_factory=list)
    out: dict[str, int] = field(default_factory=dict)
    _spread: dict[tuple[str, str], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.left = list(self.costs)

    @property
    def seeds(self) -> int:
        """Return how many seeds the remaining contenders have had."""
        return len(self.costs[self.left[0]])

    def begin(self, zone: float) -> None:
        """End the first stage.

        Args:
            zone: δ, above 0.
        """
        self.zone = zone
        for i, one in enumerate(self.left):
            for other in self.left[i + 1 :]:
                spread = float((self.costs[one] - self.costs[other]).var(ddof=1))
                self._spread[one, other] = self._spread[other, one] = spread
        self._drop()

    def add(self, costs: Mapping[str, Array]) -> None:
        """Add seeds of the remaining contenders, and drop those that are certain to cost more."""
        for name in self.left:
            self.costs[name] = np.concatenate([self.costs[name], costs[name]])
        self._drop()

    @property
    def settled(self) -> bool:
        """Say whether the race is over: one contender is left, or all left cost the same on every seed."""
        return len(self.left) == 1 or all(
            np.array_equal(self.costs[self.left[0]], self.costs[name]) for name in self.left[1:]
        )

    def _drop(self) -> None:
        zone = self.zone
        assert zone is not None
        k, n0, r = len(self.costs), self.first, self.seeds
        eta = ((2 * RISK / max(k - 1, 1)) ** (-2 / (n0 - 1)) - 1) / 2
        means = {name: float(self.costs[name].mean()) for name in self.left}

        def dearer(one: str, other: str) -> bool:
            needed = 2 * eta * (n0 - 1) * self._spread[one, other] / zone**2
            return bool(means[one] > means[other] + max(0.0, zone / (2 * r) * (needed - r)))

        gone = [one for one in self.left if any(dearer(one, other) for other in self.left if other != one)]
        for name in gone:
            self.out[name] = r
        self.left = [name for name in self.left if name not in gone]

    def cost(self, name: str) -> Interval:
        """Return a contender's cost per episode."""
        return mean_interval(self.costs[name], bounds=(0.0, np.inf))

    def above(self, name: str, best: str) -> Interval:
        """Return how much more a contender costs than the best, on the seeds that both have had."""
        n = min(len(self.costs[name]), len(self.costs[best]))
        return paired(self.costs[name][:n], self.costs[best][:n]).difference

    def beside(self, name: str, best: str) -> Interval:
        """Return a contender's cost on the best one's seeds: its interval, shifted by their difference."""
        own, there = self.cost(name), self.cost(best).mean + self.above(name, best).mean
        moved = there - own.mean
        return replace(own, mean=there, low=max(0.0, own.low + moved), high=own.high + moved)
