"""What the coordinations with locks have in common: the order is lock, read, ask, fire."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from plandrift.sim.crew.coordination.coordination import Conflicts, Coordination
from plandrift.sim.engine.executor import Place
from plandrift.sim.terms.calls import Step

if TYPE_CHECKING:
    from plandrift.sim.crew.seat import Seat
    from plandrift.sim.crew.seat_executor import Ready


class Locking(Coordination):
    """Locks on fluents: shared for what a step requires, exclusive for what it writes.

    As it stands, each step adds its locks to those that its task holds, until the task is done.
    """

    def before_step(self, seat: Seat, at: Place) -> Ready:
        """Lock what the step needs."""
        return (yield from self.lock(seat, [at[0].plan.steps[at[1]]]))

    def after_task(self, seat: Seat) -> Conflicts:
        """Release the locks."""
        yield from ()
        self.table.release_all(seat.number)
        return ()

    def lock(self, seat: Seat, steps: Iterable[Step]) -> Ready:
        """Take the locks of these steps in sorted order, then read what was not locked before.

        Returns False if the agent was aborted or gave up while it waited.
        """
        new = []
        for fluent, exclusive in sorted(needs_of(steps).items()):
            if self.table.holds(seat.number, fluent, exclusive):
                continue
            if not (yield from seat.executor.wait_for(self.table, fluent, exclusive)):
                return False
            new.append(fluent)
        if new:
            yield from seat.executor.look(tuple(new))
        return True

    def refuses(self, seat: Seat) -> bool:
        """With `crew.fenced`, refuse a call if one of its locks has expired."""
        step = seat.tracked.under_way
        if not self.room.settings.fenced or step is None:
            return False
        needs = needs_of([step]).items()
        return not all(self.table.holds(seat.number, fluent, exclusive) for fluent, exclusive in needs)


def needs_of(steps: Iterable[Step]) -> dict[str, bool]:
    """Return the locks that steps need, each with whether it must be exclusive.

    >>> from plandrift import Call
    >>> needs_of([Step(Call("copy"), {"a": 1, "b": 1}, {"b": 2})])
    {'a': False, 'b': True}
    """
    needs: dict[str, bool] = {}
    for step in steps:
        for fluent in step.requires:
            needs.setdefault(fluent, False)
        for fluent in step.writes:
            needs[fluent] = True
    return needs
