"""Plan locks: strict two-phase locking; locks are taken as needed, and held until the task is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.sim.crew.coordination.locking import Locking
from plandrift.sim.trace.crew_events import Deadlock

if TYPE_CHECKING:
    from plandrift.sim.crew.seat import Seat


class PlanLock(Locking):
    """Each step adds its locks to those that its task already holds.

    Agents can come to wait for each other in a cycle. One of them is then aborted: its writes are undone
    where nobody has written since, its locks are released, and it begins its task again.
    """

    def waiting(self, seat: Seat) -> None:
        """Abort agents until nobody waits in a cycle with this one."""
        seats = self.room.seats
        while cycle := self.table.cycle(seat.number):
            if self.room.settings.victim == "requester":
                victim = seat.number
            else:
                victim = max(cycle, key=lambda number: (seats[number].born, number))
            self.room.note(Deadlock(self.room.clock.now, cycle, agent=victim))
            self.table.withdraw(victim, "aborted")
            seats[victim].abort()
            self.table.release_all(victim, "aborted")
            seats[victim].executor.aborted = True
            seats[victim].executor.proceed()
