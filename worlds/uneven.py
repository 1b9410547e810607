"""Worlds whose fluents do not all change at one rate: the rates are spread by a gamma distribution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plandrift.sim import Streams, World, setting


@dataclass(frozen=True)
class UnevenWorld(World):
    """A world that can spread its fluents' rates of change about their mean.

    With a spread of shape a each fluent's rate is its usual one times a draw of a gamma distribution of
    mean 1 and shape a. Of a fluent that changes at λ in the mean nobody has written within t with (1 +
    λt/a)^(−a) (docs/model/validation.md): a few change often, most hardly ever. What real files do, a of
    0.05 is like.
    """

    spread: float | None = setting(
        None,
        "shape of the gamma distribution of the fluents' rates about their mean: the smaller, the more "
        "uneven; all alike if not given",
        above=0,
    )

    def rates(self, random: Streams, weights: Mapping[str, float]) -> Mapping[str, float]:
        """How often each fluent changes, in volatilities, drawn once an episode from a stream of its own.

        Args:
            random: the episode's streams.
            weights: how often each changes in the mean.
        """
        if self.spread is None:
            return weights
        draws = random["world.spread"].gamma(self.spread, 1 / self.spread, len(weights)).tolist()
        return {name: weight * draw for (name, weight), draw in zip(weights.items(), draws, strict=True)}
