"""Missed alternatives: the plan would still work, but the planner would now choose a different one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from plandrift.sim.terms.calls import Call, Value

Choose = Callable[[Mapping[str, Value]], Sequence[Call] | None]


class MissedAlternative:
    """Measures the time in which the plan in hand is valid but not what the planner would now choose.

    Attributes:
        time: the total so far.
    """

    __slots__ = ("_choose", "_missed", "_stale", "time")

    def __init__(self, choose: Choose) -> None:
        self._choose = choose
        self._stale, self._missed = True, False
        self.time = 0.0

    def changed(self) -> None:
        """Note that the world or the plan has changed."""
        self._stale = True

    def add(
        self, span: float, rest: Sequence[Call], ahead: Sequence[Call], truth: Mapping[str, Value]
    ) -> None:
        """Count a stretch of time in which nothing changed and the plan in hand was valid.

        Args:
            span: its length.
            rest: the calls of the plan that have not been fired.
            ahead: the call in flight, if it belongs to the plan.
            truth: the values in the world.
        """
        if self._stale:
            choice, self._stale = self._choose(truth), False
            # The effect of a call in flight is not yet in the world, so choosing to make that call first is
            # not a different choice.
            self._missed = choice is not None and list(choice) not in (list(rest), [*ahead, *rest])
        if self._missed:
            self.time += span
