"""The sequence of an episode's plans: how many there were, how much they differ, and replan storms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from plandrift.sim.terms.calls import Step

STORM = 3
"""How many replans in a row, with nothing fired in between, make a storm."""


class PlanHistory:
    """Counts that are updated as plans come in.

    Attributes:
        replans: plans handed over after the first.
        storms: the number of replan storms.
    """

    __slots__ = ("_distances", "_in_a_row", "_plans", "_tasks", "storms")

    def __init__(self) -> None:
        self.storms = 0
        self._plans = self._in_a_row = 0
        self._tasks = 1
        self._distances: list[float] = []

    @property
    def replans(self) -> int:
        """The number of plans handed over after the first (in a crew: after the first of each task)."""
        return max(0, self._plans - self._tasks)

    def next_task(self) -> None:
        """Note that the next plan is the first for another task, if there has been a plan for this one."""
        self._tasks += self._plans >= self._tasks
        self._in_a_row = 0

    @property
    def distance(self) -> float:
        """The mean distance of a plan from the rest of the one before it (Fox et al. 2006); NaN if none."""
        return sum(self._distances) / len(self._distances) if self._distances else float("nan")

    def adopted(self, before: Sequence[Step], after: Sequence[Step]) -> None:
        """Note that a new plan is in hand.

        Args:
            before: the remaining steps of the previous plan; empty for the first plan.
            after: the steps of the new plan that have yet to be fired.
        """
        self._plans += 1
        if self._plans > self._tasks:
            self._in_a_row += 1
            if self._in_a_row == STORM:
                self.storms += 1
        if not before:
            return
        if before == after:
            self._distances.append(0.0)
            return
        one, other = set(before), set(after)
        if len(one) == len(before) and len(other) == len(after):
            apart = len(one ^ other)
        else:
            apart = _apart(Counter(before), Counter(after))
        self._distances.append(apart / len(before))

    def fired(self) -> None:
        """Note that a step was fired."""
        self._in_a_row = 0


def _apart(one: Counter[Step], other: Counter[Step]) -> int:
    """Return the number of steps in one but not in the other; a step may occur several times."""
    return (one - other).total() + (other - one).total()
