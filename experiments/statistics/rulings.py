"""What a difference decides: the one place where a comparing sentence, table or figure asks."""

from __future__ import annotations

import math
from typing import NamedTuple

from plandrift.experiments.statistics.intervals import Interval

NOT_DECIDED = "not decided"


class Ruling(NamedTuple):
    """What a difference decides, and what keeps it from deciding anything.

    Attributes:
        verdict: ``more``, ``less``, ``equal`` or ``not decided``.
        why: what besides the width of the interval keeps it from being decided; else empty.
    """

    verdict: str
    why: str = ""

    @property
    def words(self) -> str:
        """Both, as they stand in a table."""
        return f"{self.verdict}: {self.why}" if self.why else self.verdict


def ruling(difference: Interval, *hindrances: Ruling | None) -> Ruling:
    """What a difference decides.

    Args:
        difference: first minus second.
        hindrances: what keeps it from deciding anything, the weightiest first; None is none.
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
    """Few seeds decide nothing: with one of them left out, or one more, all could be otherwise."""
    few = difference.carried_by
    return Ruling(NOT_DECIDED, f"{few} seed{'s carry' if few > 1 else ' carries'} it") if few else None
