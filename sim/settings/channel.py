"""The observation channel: what news of the world is sent, when, and how much of it is lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from plandrift.sim.settings.agent import ZERO
from plandrift.sim.settings.distribution import Distribution
from plandrift.sim.settings.fields import Settings, setting
from plandrift.sim.settings.sampling import SAMPLING


@dataclass(frozen=True)
class Channel(Settings):
    """What news is sent, how long it takes to arrive, how much of it is lost, and which fluents can be seen.

    >>> channel = Channel(latency=Distribution.constant(2.0), scope=("door-*",))
    >>> channel.silence, channel.visible(["door-1", "key"])
    (2.0, ('door-1',))
    """

    sampling: str = setting(
        "push",
        "; ".join([f"{word}: {mode.meaning}" for word, mode in SAMPLING.items()]),
        choices=tuple(SAMPLING),
    )
    latency: Distribution = setting(
        ZERO, "how long news takes from the world to the belief (L)", unit="time", low=0
    )
    poll_every: float = setting(1.0, "interval between snapshots when polling (T)", unit="time", above=0)
    loss: float = setting(0.0, "probability that a message is lost", low=0, high=1)
    scope: tuple[str, ...] = setting(("*",), "which fluents can be seen: names, or patterns with * and ?")

    @property
    def silence(self) -> float | None:
        """The greatest age of a belief about which nothing new is heard: L on a push channel without loss.

        None if silence proves nothing: on other channels, and if the latency varies.
        """
        told = SAMPLING[self.sampling].tells_by_silence and not self.loss
        return self.latency.fixed if told else None

    def visible(self, fluents: Iterable[str]) -> tuple[str, ...] | None:
        """Return the fluents that are in scope, or None if the scope is everything."""
        if self.scope == ("*",):
            return None
        return tuple(f for f in fluents if any(fnmatchcase(f, pattern) for pattern in self.scope))
