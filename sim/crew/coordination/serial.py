"""Serial: one task at a time, each begun with a look at the world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.sim.crew.coordination.coordination import Conflicts, Coordination
from plandrift.sim.engine.executor import Wait

if TYPE_CHECKING:
    from plandrift.sim.crew.room import Room
    from plandrift.sim.crew.seat import Seat

TURN = "a turn"
"""The name of the lock on it, which only one agent may hold at a time."""


class Serial(Coordination):
    """One agent at a time does a task; whoever gets the turn reads the world before it plans."""

    def __init__(self, room: Room) -> None:
        super().__init__(room)
        self._last: Seat | None = None

    def before_task(self, seat: Seat) -> Wait:
        """Wait for the turn, and read the world if somebody else had it last."""
        yield from seat.executor.wait_for(self.table, TURN, True)
        if self._last not in (None, seat):
            yield from seat.executor.look(tuple(self.room.truth.values))
        self._last = seat

    def after_task(self, seat: Seat) -> Conflicts:
        """Pass the turn on."""
        yield from ()
        self.table.release(seat.number, TURN)
        return ()
