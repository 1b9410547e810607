"""How often an interval holds the truth."""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from plandrift.experiments.statistics.intervals import (
    Interval,
)

Values = NDArray[np.float64]


def coverage(
    interval: Callable[[Values], Interval], draw: Callable[[], Values], truth: float, n: int
) -> float:
    held = (interval(draw()) for _ in range(n))
    return fmean(i.low <= truth <= i.high for i in held)
