"""Notify: a write is told at once to those whose plan rests on the fluent; their policy decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.sim.crew.coordination.coordination import Coordination
from plandrift.sim.terms.fluents import Reading
from plandrift.sim.terms.streams import Streams

if TYPE_CHECKING:
    from plandrift.sim.crew.room import Room
    from plandrift.sim.crew.seat import Seat


class Notify(Coordination):
    """Nobody is kept from anything, but whoever relies on what a fellow has written is told so."""

    def __init__(self, room: Room) -> None:
        super().__init__(room)
        random = Streams(room.seed)
        self._latency = room.settings.notify_latency.sampler(lambda: random["crew.notify_latency"])

    def written(self, seat: Seat, readings: tuple[Reading, ...]) -> None:
        """Tell those whose plan in hand rests on one of the fluents."""
        for other in self.room.seats:
            perceived = other.tracked.perceived
            if other is seat or perceived is None:
                continue
            told = tuple([reading for reading in readings if perceived.rests_on(reading.fluent)])
            if told:
                other.channel.notify(told, self._latency())
