"""How the plans of an episode follow one another: how many, how alike, and in what storms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from plandrift.sim.terms.calls import Step

STORM = 3
"""So many replans in a row with nothing fired between them are a storm."""


class PlanHistory:
    """What is counted as plans come in.

    Attributes:
        replans: plans handed over after the first.
        storms: how many replan storms there were.
    """

    __slots__ = ("_distances", "_in_a_row", "_plans", "storms")

    def __init__(self) -> None:
        self.storms = 0
        self._plans = self._in_a_row = 0
        self._distances: list[float] = []

    @property
    def replans(self) -> int:
        """Plans handed over after the first."""
        return max(0, self._plans - 1)

    @property
    def distance(self) -> float:
        """The mean distance of each plan to the rest of the one before it (Fox et al. 2006); NaN if none."""
        return sum(self._distances) / len(self._distances) if self._distances else float("nan")

    def adopted(self, before: Sequence[Step], after: Sequence[Step]) -> None:
        """Another plan is in hand.

        Args:
            before: the steps that were left of the plan before it, empty before the first.
            after: the steps of the new one that are left to be fired.
        """
        self._plans += 1
        if self._plans > 1:
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
        """A step was fired."""
        self._in_a_row = 0


def _apart(one: Counter[Step], other: Counter[Step]) -> int:
    """The steps in one and not in the other, where a step may stand twice."""
    return (one - other).total() + (other - one).total()
