"""A look: fluents that an agent reads fresh because it wants to, whatever else is under way."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import simpy

from plandrift.sim.engine.channel_process import Line
from plandrift.sim.settings.channel import Message
from plandrift.sim.terms.clock import ACTING, Alarm


class FreshLook:
    """A fresh reading that the agent asked for: the value is taken half-way through the round trip.

    Attributes:
        done: whether it has come.
    """

    def __init__(
        self,
        clock: simpy.Environment,
        line: Line,
        deliver: Callable[[Message], None],
        trip: float,
        fluents: Iterable[str],
    ) -> None:
        self._line, self._deliver, self._fluents = line, deliver, fluents
        self._half, self.done = trip / 2, False
        self._back = Alarm(clock, self._comes, ACTING)
        self._there = Alarm(clock, self._reads, ACTING)
        if self._half > 0:
            self._there.set(self._half)
        else:
            self._reads(None)

    def _reads(self, _: simpy.Event | None) -> None:
        self._message = self._line.read(self._fluents)
        if self._half > 0:
            self._back.set(self._half)
        else:
            self._comes(None)

    def _comes(self, _: simpy.Event | None) -> None:
        self._deliver(self._message)
        self.done = True
