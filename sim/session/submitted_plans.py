"""The planner of a session: instead of making plans, it takes those that the agent submits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plandrift.sim.engine.planner import NONE_FOUND, Planner
from plandrift.sim.terms.calls import Call, Value
from plandrift.sim.trace.events import ReplanRequested


class SubmittedPlans(Planner):
    """The planner of one session.

    A request by the guard is only advice: the agent is told about it, and may submit a plan or not.

    Attributes:
        advice: why a plan is wanted, empty if none is.
    """

    advice: str = ""

    def request(self, reason: str) -> None:
        """Note that a plan is wanted or, while one is being made, that another should follow."""
        if self._setup.trace is not None:
            merged = self.thinking or self._pending or bool(self.advice)
            self._setup.trace.add(ReplanRequested(self._setup.clock.now, reason, merged))
        if self.thinking:
            self._pending = True
        else:
            self.advice = reason or "a plan is wanted"

    def submit(self, calls: Sequence[Call] | None, goals: Mapping[str, Value], cost: float) -> None:
        """Take a plan that the agent has made from the belief as it is now.

        Args:
            calls: the calls of the plan, None if the agent found none.
            goals: the goals of the plan.
            cost: the cost of the thinking, in units of the world's time.
        """
        self.advice = ""
        thought = self._found_none(NONE_FOUND) if calls is None else self._found(calls, goals)
        self._take_time(thought, cost)

    def _begin(self) -> None:
        """Pass on to the agent the request that came while a plan was being made."""
        self.advice = "news arrived while this plan was being made"
