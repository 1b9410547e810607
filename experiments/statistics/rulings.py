"""What a difference decides: the one rule for every sentence, table and figure that compares."""

from __future__ import annotations

import math
from typing import NamedTuple

from plandrift.experiments.statistics.intervals import Interval

NOT_DECIDED = "not decided"


class Ruling(NamedTuple):
    """What a difference decides, and what may prevent a decision.

    Attributes:
        verdict: ``more``, ``less``, ``equal`` or ``not decided``.
        why: what prevents a decision, other than the width of the interval; else empty.
    """

    verdict: str
    why: str = ""

    @property
    def words(self) -> str:
        """Return the verdict and its reason, as shown in a table."""
        return f"{self.verdict}: {self.why}" if self.why else self.verdict


def ruling(difference: Interval, *hindrances: Ruling | None) -> Ruling:
    """Return what a difference decides.

    Args:
        difference: first minus second.
        hindrances: rulings that prevent a decision, the weightiest first; None means no hindrance.
    """
    hindered = next((one for one in (*hindrances, _carried(difference)) if one is not None), None)
    if hindered is not None:
        return hindered
    if math.isnan(difference.low):
        return Ruling(NOT_DECIDED)
    if difference.low == difference.high == 0:
        return Ruling("equal")
    if difference.low > 0:
        return Ruling("more")
    return Ruling("less" if difference.high < 0 else NOT_DECIDED)


def _carried(difference: Interval) -> Ruling | None:
    """Prevent a decision by few seeds: with one seed more or fewer, the outcome could be reversed."""
    few = difference.carried_by
    return Ruling(NOT_DECIDED, f"{few} seed{'s carry' if few > 1 else ' carries'} it") if few else None
