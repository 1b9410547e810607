"""The merge queue: each task is done on a private copy of the world, and merged or thrown away at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.sim.crew.coordination.coordination import Conflicts, Coordination
from plandrift.sim.crew.shared_truth import PrivateCopy

if TYPE_CHECKING:
    from plandrift.sim.crew.seat import Seat

PLACE = "a place at the merge"
"""The name of the lock on it, which only one agent may hold at a time."""


class MergeQueue(Coordination):
    """Optimistic: nobody waits for anybody until the merge.

    A copy is merged if nothing that its steps required has been written since their plan's basis. The queue
    merges one copy at a time, and each takes `crew.merge_time`.
    """

    private = True

    def before_thinking(self, seat: Seat) -> None:
        """Begin from the shared truth, unless the copy already holds work."""
        copy = _copy_of(seat)
        if not copy.log:
            changed = copy.refresh()
            if changed:
                seat.channel.inform(tuple(changed))

    def after_task(self, seat: Seat) -> Conflicts:
        """Wait for the queue and the check, then merge or throw away."""
        if not (yield from seat.executor.wait_for(self.table, PLACE, True)):
            return ()
        yield from seat.executor.pause(self.room.merge.next(seat.task, "merge"))
        conflicts = _copy_of(seat).conflicts()
        written = seat.tracked.merged(conflicts)
        self.table.release(seat.number, PLACE)
        if conflicts:
            seat.channel.inform(tuple(_copy_of(seat).refresh()))
        elif written:
            seat.channel.inform(written)
            seat.tell(written)
        return conflicts


def _copy_of(seat: Seat) -> PrivateCopy:
    copy = seat.tracked.truth
    assert isinstance(copy, PrivateCopy)
    return copy
