"""The executor of an agent in a crew: task after task, with the coordination around each of its steps."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import simpy

from plandrift.sim.crew.lock_table import LockTable
from plandrift.sim.engine.environment import Declared
from plandrift.sim.engine.executor import NOTHING, Executor, Place, Wait
from plandrift.sim.terms.calls import Call, Step
from plandrift.sim.terms.clock import Pause

if TYPE_CHECKING:
    from plandrift.sim.crew.seat import Seat

Ready = Generator[simpy.Event, object, bool]
"""Waits as long as it must, and returns whether to go on."""


class SeatExecutor(Executor):
    """The executor of one agent of a crew.

    Attributes:
        aborted: whether it was aborted while it waited for the coordination.
    """

    seat: Seat

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._open_ended = False
        self._gate = Pause(self._clock)
        self._gated = self.aborted = False
        self._work = ""

    def keyed(self) -> None:
        """Draw times by task and step from now on, so that they do not depend on who does it."""
        room, seat = self.seat.room, self.seat
        self._duration = lambda: room.duration.next(seat.task, self._work)
        self._latency = lambda: room.latency.next(seat.task, self._work)
        self._prepare = lambda: room.prepare.next(seat.task, self._work)

    def run(self) -> Wait:
        """Do one task after the other, until none is left, the agent gives up, or the horizon ends it."""
        seat, room = self.seat, self.seat.room
        coordination = room.coordination
        if seat.late:
            yield self._pause.set(seat.late)
        while seat.next_task():
            yield from coordination.before_task(seat)
            seat.begin_task()
            while True:
                yield from super().run()
                if self._state.gave_up is not None:
                    seat.leave("gave-up")
                    return
                seat.state.resting = True
                conflicts = yield from coordination.after_task(seat)
                if not conflicts:
                    break
                seat.begin_again("merge conflict")
            seat.end_task("done")
        seat.leave("done")

    def carry_out(
        self, start: Place, call: Call | None = None, thought: float = 0.0, carried: Declared = NOTHING
    ) -> Wait:
        """Carry out one step as the coordination allows."""
        coordination, seat = self.seat.room.coordination, self.seat
        step = start[0].plan.steps[start[1]]
        self._work = _work(step)
        ready = yield from coordination.before_step(seat, start)
        at = self._still(start) if ready else None
        if at is not None:
            yield from super().carry_out(at, call, thought, carried)
        coordination.after_step(seat)

    def wake(self) -> None:
        """Wake the executor: something has changed that it may be waiting for."""
        super().wake()
        if self._gated and self._state.gave_up is not None:
            self.proceed()

    def proceed(self) -> None:
        """End a wait for the coordination."""
        if self._gated:
            self._gated = False
            self._gate.end()

    def wait_for(self, table: LockTable, lock: str, exclusive: bool) -> Ready:
        """Wait for a lock; return False if the agent was aborted or gave up meanwhile."""
        number = self.seat.number
        if table.ask(number, lock, exclusive):
            return True
        self.seat.room.coordination.waiting(self.seat)
        if number in table.waiting:
            self._gated = True
            yield self._gate.hold()
        if self._state.gave_up is not None:
            table.withdraw(number, "gave-up")
            return False
        aborted, self.aborted = self.aborted, False
        return not aborted

    def look(self, fluents: tuple[str, ...]) -> Wait:
        """Read fluents fresh, as long as a read takes."""
        yield from self._fetch(fluents)

    def pause(self, time: float) -> Wait:
        """Let some time pass."""
        yield from self._wait(time)


def _work(step: Step) -> str:
    """Name a step's work, by the same name in every plan that contains it."""
    return f"{step.call.action}:{','.join(sorted(map(str, step.writes)))}"
