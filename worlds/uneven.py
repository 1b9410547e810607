"""Worlds whose fluents change at different rates, drawn from a gamma distribution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plandrift.sim import Streams, World, setting


@dataclass(frozen=True)
class UnevenWorld(World):
    """A world that can vary its fluents' rates of change around their mean.

    With shape a, each fluent's rate is its usual rate times a random factor from a gamma distribution with
    mean 1 and shape a. A fluent with mean rate λ stays unwritten for a time t with probability
    (1 + λt/a)^(−a) (docs/model/validation.md): a few fluents change often, most hardly ever. Real files
    behave as with a = 0.05.
    """

    spread: float | None = setting(
        None,
        "shape of the gamma distribution of the fluents' rates: the smaller, the more uneven; all rates are "
        "equal if not given",
        above=0,
    )

    def rates(self, random: Streams, weights: Mapping[str, float]) -> Mapping[str, float]:
        """Draw each fluent's rate, as a multiple of the volatility, once per episode from a separate stream.

        Args:
            random: the episode's streams.
            weights: the mean rate of each fluent, as a multiple of the volatility.
        """
        if self.spread is None:
            return weights
        draws = random["world.spread"].gamma(self.spread, 1 / self.spread, len(weights)).tolist()
        return {name: weight * draw for (name, weight), draw in zip(weights.items(), draws, strict=True)}
