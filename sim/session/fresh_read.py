"""A fresh read requested by an agent, whatever else is going on."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import simpy

from plandrift.sim.engine.channel_process import ChannelProcess
from plandrift.sim.terms.clock import ACTING, Alarm
from plandrift.sim.terms.fluents import Message


class FreshRead:
    """A fresh read requested by the agent; the values are taken half-way through the round trip.

    Attributes:
        done: whether the reading has arrived.
    """

    def __init__(
        self,
        clock: simpy.Environment,
        channel: ChannelProcess,
        deliver: Callable[[Message], None],
        trip: float,
        fluents: Iterable[str],
    ) -> None:
        self._channel, self._deliver, self._fluents = channel, deliver, fluents
        self._half, self.done = trip / 2, False
        self._back = Alarm(clock, self._comes, ACTING)
        self._there = Alarm(clock, self._reads, ACTING)
        if self._half > 0:
            self._there.set(self._half)
        else:
            self._reads(None)

    def _reads(self, _: simpy.Event | None) -> None:
        self._message = self._channel.read(self._fluents)
        if self._half > 0:
            self._back.set(self._half)
        else:
            self._comes(None)

    def _comes(self, _: simpy.Event | None) -> None:
        self._deliver(self._message)
        self.done = True
