"""Start locks: a plan takes all its locks before its first step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.sim.crew.coordination.locking import Locking, needs_of
from plandrift.sim.engine.executor import Place

if TYPE_CHECKING:
    from plandrift.sim.crew.seat import Seat
    from plandrift.sim.crew.seat_executor import Ready


class StartLock(Locking):
    """A plan takes the locks of all its steps in sorted order, so that no deadlock can arise.

    They are held until the task is done. If a lease has expired, or a new plan needs other locks, all locks
    are taken anew, together.
    """

    def before_step(self, seat: Seat, at: Place) -> Ready:
        """Lock what the rest of the plan needs."""
        steps = [at[0].plan.steps[at[1]], *seat.tracked.rest]
        needs = needs_of(steps).items()
        if all(self.table.holds(seat.number, fluent, exclusive) for fluent, exclusive in needs):
            return True
        self.table.release_all(seat.number)
        return (yield from self.lock(seat, steps))
