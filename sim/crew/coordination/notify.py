"""Notify: agents whose plans depend on a written fluent hear of it at once; their policies decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.sim.crew.coordination.coordination import Coordination
from plandrift.sim.terms.fluents import Reading
from plandrift.sim.terms.streams import Streams

if TYPE_CHECKING:
    from plandrift.sim.crew.room import Room
    from plandrift.sim.crew.seat import Seat


class Notify(Coordination):
    """No agent is prevented from anything, but agents that rely on what a fellow has written are told so."""

    def __init__(self, room: Room) -> None:
        super().__init__(room)
        random = Streams(room.seed)
        self._latency = room.settings.notify_latency.sampler(lambda: random["crew.notify_latency"])

    def written(self, seat: Seat, readings: tuple[Reading, ...]) -> None:
        """Tell the agents whose current plan depends on one of the fluents."""
        for other in self.room.seats:
            perceived = other.tracked.perceived
            if other is seat or perceived is None:
                continue
            told = tuple([reading for reading in readings if perceived.rests_on(reading.fluent)])
            if told:
                other.channel.notify(told, self._latency())
