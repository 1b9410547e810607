"""Step locks: each step holds its locks from just before its check until it is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.sim.crew.coordination.locking import Locking

if TYPE_CHECKING:
    from plandrift.sim.crew.seat import Seat


class StepLock(Locking):
    """A step takes its locks in sorted order, so that no deadlock can arise, and releases them at its end."""

    def after_step(self, seat: Seat) -> None:
        """Release the locks; the locks of an agent that has given up end with their lease."""
        if seat.state.gave_up is None:
            self.table.release_all(seat.number)
