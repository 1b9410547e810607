"""The planner of an agent in a crew: it queues for a model, and a repair may cost less than a whole plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plandrift.sim.engine.planner import Planner, Thought
from plandrift.sim.trace.crew_events import SlotGranted

if TYPE_CHECKING:
    from plandrift.sim.crew.seat import Seat


class SeatPlanner(Planner):
    """The planner of one agent of a crew."""

    seat: Seat

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._queued: float | None = None
        self._holds = False
        self._cost: float | None = None
        self._think = self._span

    @property
    def busy(self) -> bool:
        """Whether a plan is queued for, being made or handed over."""
        return self._queued is not None or super().busy

    def next_task(self, cost: float = 1.0) -> None:
        """Drop all thinking and requests: the next plan is for another task, or for the same one again.

        Args:
            cost: the share of a whole thinking time that the next plan takes.
        """
        self.stop()
        self._pending, self._cost = False, cost
        self._steps.forget()

    def stop(self) -> None:
        """Stop thinking, and give the model back."""
        super().stop()
        if self._queued is not None:
            self.seat.room.slots.leave(self)  # type: ignore[union-attr]
            self._waited(granted=False)
        self._give_back()

    def granted(self) -> None:
        """Begin to think, because a model is free."""
        self._holds = True
        self._waited(granted=True)
        self._think_now()

    def _begin(self) -> None:
        if self._queued is not None:
            return
        slots = self.seat.room.slots
        if slots is None or self._holds:
            self._think_now()
        elif slots.take(self):
            self._holds = True
            self._think_now()
        else:
            self._queued = self._setup.clock.now

    def _think_now(self) -> None:
        self.seat.room.coordination.before_thinking(self.seat)
        super()._begin()

    def _finish(self, thought: Thought) -> None:
        self._give_back()
        super()._finish(thought)

    def _give_back(self) -> None:
        if self._holds:
            self._holds = False
            self.seat.room.slots.release()  # type: ignore[union-attr]

    def _waited(self, granted: bool) -> None:
        assert self._queued is not None
        now = self._setup.clock.now
        waited, self._queued = now - self._queued, None
        self.seat.room.note(SlotGranted(now, waited, granted, agent=self.seat.number))

    def _span(self) -> float:
        seat = self.seat
        whole = seat.room.thinking.next(seat.task, "plan")
        cost, self._cost = self._cost, None
        if seat.room.settings.repair == "whole":
            return whole
        return whole * (seat.tracked.stale_share(whole=False) if cost is None else cost)
