"""The observation channel: which news of the world is sent, when, and how much of it is lost."""

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
    """Which news is sent, how long it is under way, how much of it is lost, and what can be seen.

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
        ZERO, "observation latency: from the world to the belief (L)", unit="time", low=0
    )
    poll_every: float = setting(1.0, "interval of the snapshots when polling (T)", unit="time", above=0)
    loss: float = setting(0.0, "how likely a message is never to arrive", low=0, high=1)
    scope: tuple[str, ...] = setting(("*",), "which fluents can be seen: names, or patterns with * and ?")

    @property
    def silence(self) -> float | None:
        """How old news can be at most where nothing is heard: L on a push channel that loses nothing.

        None where silence says nothing: on other channels, and where the latency varies.
        """
        told = SAMPLING[self.sampling].tells_by_silence and not self.loss
        return self.latency.fixed if told else None

    def visible(self, fluents: Iterable[str]) -> tuple[str, ...] | None:
        """Those of the fluents that are in scope, None if that is all of them whatever they are."""
        if self.scope == ("*",):
            return None
        return tuple(f for f in fluents if any(fnmatchcase(f, pattern) for pattern in self.scope))
