"""The interface of a coordination, and the one that does nothing."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, ClassVar

import simpy

from plandrift.sim.crew.lock_table import LockTable
from plandrift.sim.engine.executor import Place, Wait
from plandrift.sim.terms.fluents import Reading

if TYPE_CHECKING:
    from plandrift.sim.crew.room import Room
    from plandrift.sim.crew.seat import Seat
    from plandrift.sim.crew.seat_executor import Ready

Conflicts = Generator[simpy.Event, object, tuple[str, ...]]
"""Waits as long as it must, and returns the fluents because of which a task must be begun again."""


class Coordination:
    """What is done before and after tasks and steps, and when a call lands; policies stay as they are.

    This class does nothing: the last write wins. A subclass overrides what it needs, and gets one line in
    `sim.settings.coordinations`.

    Attributes:
        room: what the agents share.
        table: the locks, turns and places in a queue that agents hold and wait for.
        private: whether each agent works on a private copy of the world, which `after_task` merges.
    """

    private: ClassVar[bool] = False

    def __init__(self, room: Room) -> None:
        self.room = room
        self.table = LockTable(room.clock, room.note, room.wake, room.settings.lease)

    def before_task(self, seat: Seat) -> Wait:
        """Wait until an agent may begin a task."""
        yield from ()

    def before_thinking(self, seat: Seat) -> None:
        """Act just before the basis of a plan is read."""

    def before_step(self, seat: Seat, at: Place) -> Ready:
        """Wait until a step may be checked and fired; return False if it may not."""
        yield from ()
        return True

    def after_step(self, seat: Seat) -> None:
        """Act after a step was answered, or not fired."""

    def after_task(self, seat: Seat) -> Conflicts:
        """Act when an agent considers its task done; return why it must begin it again, or nothing."""
        yield from ()
        return ()

    def waiting(self, seat: Seat) -> None:
        """Act when an agent begins to wait for a lock."""

    def refuses(self, seat: Seat) -> bool:
        """Return whether a call that has just reached the world is refused."""
        return False

    def written(self, seat: Seat, readings: tuple[Reading, ...]) -> None:
        """Act on what an agent has just written in the shared truth."""

    def ended(self) -> None:
        """Act on the end of the episode: nobody waits any longer."""
        for number in list(self.table.waiting):
            self.table.withdraw(number, "horizon")
