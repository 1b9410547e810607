"""Step locks: each step holds its locks from just before its check until it is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.sim.crew.coordination.locking import Locking
from plandrift.sim.engine.executor import Place

if TYPE_CHECKING:
    from plandrift.sim.crew.seat import Seat
    from plandrift.sim.crew.seat_executor import Ready


class StepLock(Locking):
    """A step takes its locks in sorted order, so that no deadlock can arise, and releases them at its end."""

    def before_step(self, seat: Seat, at: Place) -> Ready:
        """Lock what the step needs."""
        return (yield from self.lock(seat, [at[0].plan.steps[at[1]]]))

    def after_step(self, seat: Seat) -> None:
        """Release the locks; the locks of an agent that has given up end with their lease."""
        if seat.state.gave_up is None:
            self.table.release_all(seat.number)
