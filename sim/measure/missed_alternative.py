"""Missed alternatives: a plan that would still work, but is no longer what the planner would choose."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from plandrift.sim.terms.calls import Call, Value

Choose = Callable[[Mapping[str, Value]], Sequence[Call] | None]


class MissedAlternative:
    """The time in which the plan in hand is valid and not what the planner would choose.

    Attributes:
        time: of that, so far.
    """

    __slots__ = ("_choose", "_missed", "_stale", "time")

    def __init__(self, choose: Choose) -> None:
        self._choose = choose
        self._stale, self._missed = True, False
        self.time = 0.0

    def changed(self) -> None:
        """The world or the plan has changed."""
        self._stale = True

    def add(
        self, span: float, rest: Sequence[Call], ahead: Sequence[Call], truth: Mapping[str, Value]
    ) -> None:
        """Count a stretch of time in which nothing changed and the plan in hand was valid.

        Args:
            span: how long it was.
            rest: the calls of the plan still to be fired.
            ahead: the call under way, if it is one of the plan's.
            truth: what the world holds.
        """
        if self._stale:
            choice, self._stale = self._choose(truth), False
            # The effect of a call under way is not yet in the world: to make it first is no other choice.
            self._missed = choice is not None and list(choice) not in (list(rest), [*ahead, *rest])
        if self._missed:
            self.time += span
