"""The planner of a session: it makes no plans, the agent submits them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plandrift.sim.engine.planner import NONE_FOUND, Planner
from plandrift.sim.terms.calls import Call, Value
from plandrift.sim.trace.events import ReplanRequested


class SubmittedPlans(Planner):
    """The planner of one session.

    A request of the guard's is no more than advice: the agent is told of it and submits a plan or not.

    Attributes:
        advice: why a plan is wanted, empty where none is.
    """

    advice: str = ""

    def request(self, reason: str) -> None:
        """Note that a plan is wanted; while one is being made, that another is to follow."""
        if self._setup.trace is not None:
            merged = self.thinking or self._pending or bool(self.advice)
            self._setup.trace.add(ReplanRequested(self._setup.clock.now, reason, merged))
        if self.thinking:
            self._pending = True
        else:
            self.advice = reason or "a plan is wanted"

    def submit(self, calls: Sequence[Call] | None, goals: Mapping[str, Value], cost: float) -> None:
        """The agent has made up its mind on the belief as it is now, and thinking so costs this long.

        Args:
            calls: of the plan, None where it found none.
            goals: what the plan is to bring about.
            cost: in units of the world's time.
        """
        self.advice = ""
        thought = self._found_none(NONE_FOUND) if calls is None else self._found(calls, goals)
        self._take_time(thought, cost)

    def _begin(self) -> None:
        """What was asked for while a plan was being made is asked of the agent now."""
        self.advice = "there was news while this plan was made"
