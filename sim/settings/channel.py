"""The observation channel: which news of the world is sent to the belief, and what a message holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple

from plandrift.sim.settings.agent import ZERO
from plandrift.sim.settings.distribution import Distribution
from plandrift.sim.settings.fields import Settings, setting
from plandrift.sim.terms.fluents import Reading
from plandrift.sim.trace.events import Delivered, Sent


@dataclass(frozen=True)
class Channel(Settings):
    """Which news is sent, how long it is under way, how much of it is lost, and what can be seen.

    >>> channel = Channel(latency=Distribution.constant(2.0), scope=("door-*",))
    >>> channel.silence, channel.visible(["door-1", "key"])
    (2.0, ('door-1',))
    """

    sampling: str = setting(
        "push",
        "push: each change is sent; poll: a snapshot at an interval; on-action: one with each answer",
        choices=("push", "poll", "on-action"),
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
        return self.latency.fixed if self.sampling == "push" and not self.loss else None

    def visible(self, fluents: Iterable[str]) -> tuple[str, ...] | None:
        """Those of the fluents that are in scope, None if that is all of them whatever they are."""
        if self.scope == ("*",):
            return None
        return tuple(f for f in fluents if any(fnmatchcase(f, pattern) for pattern in self.scope))


class Message(NamedTuple):
    """News under way, stamped with the time at which it was taken.

    Attributes:
        number: counts the messages of an episode.
        taken: when it was true in the world.
        readings: what it tells.
        by: ``push``, ``poll``, ``on-action``, ``acknowledgment`` or ``read``.
        own: whether it tells of a write of the agent's own.
    """

    number: int
    taken: float
    readings: tuple[Reading, ...]
    by: str
    own: bool = False

    def sent(self, now: float) -> Sent:
        """The event of its sending."""
        return Sent(now, self.number, self.by, self.own, self.taken, self.readings)

    def delivered(self, now: float) -> Delivered:
        """The event of its arrival."""
        return Delivered(now, self.number, self.by, self.own, self.taken, self.readings)
