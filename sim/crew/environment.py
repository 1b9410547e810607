"""The environment of a crew: whose call it is, which copy of the world it reaches, and who hears of it."""

from __future__ import annotations

from plandrift.sim.crew.room import Room
from plandrift.sim.crew.shared_truth import PrivateCopy
from plandrift.sim.engine.environment import Declared, Environment
from plandrift.sim.engine.setup import Setup
from plandrift.sim.measure.tracked_plan import TrackedPlan
from plandrift.sim.terms.calls import Call
from plandrift.sim.terms.effects import Effect
from plandrift.sim.terms.fluents import Reading


class CrewEnvironment(Environment):
    """The running scene of a crew's episode."""

    def __init__(self, setup: Setup, room: Room) -> None:
        super().__init__(setup)
        self._room = room

    def add_side_effects(self, plan: TrackedPlan, call: Call, mark: float) -> None:
        """Apply the side effects of an effective call that has just reached the world."""
        trace = self._trace
        if trace is not None:
            self._trace = self._room.seats[plan.writer.agent].trace
        super().add_side_effects(plan, call, mark)
        self._trace = trace

    def _refused(self, plan: TrackedPlan, declared: Declared) -> Effect | None:
        if self._room.coordination.refuses(self._room.seats[plan.writer.agent]):
            return Effect("refused", {}, ())
        return super()._refused(plan, declared)

    def _tell(self, plan: TrackedPlan, written: tuple[Reading, ...]) -> None:
        # What is done on a private copy makes no news, not even for its own agent, which gets only answers.
        if not isinstance(plan.truth, PrivateCopy):
            self.tell(plan, written)

    def tell(self, plan: TrackedPlan, written: tuple[Reading, ...]) -> None:
        """Push an agent's writes in the shared truth to everybody."""
        super()._tell(plan, written)
        self._room.coordination.written(self._room.seats[plan.writer.agent], written)
