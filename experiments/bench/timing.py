"""Timing two things alternately, so that whatever else the machine does affects both."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Spread:
    """The median of several ratios with the minimum and maximum, or with the quartiles."""

    low: float
    middle: float
    high: float

    def __str__(self) -> str:
        return f"{self.middle:6.2f} × ({self.low:.2f} to {self.high:.2f})"


def quartiles(ratios: Sequence[float]) -> Spread:
    """Return the median with the quartiles.

    >>> print(quartiles([1.0, 2.0, 3.0, 4.0, 9.0]))
      3.00 × (2.00 to 4.00)
    """
    return Spread(*quantiles(ratios, method="inclusive"))


def seconds(what: Callable[[], object]) -> float:
    """Return how long one call takes."""
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def ratio(of: Callable[[], object], to: Callable[[], object], rounds: int = 7) -> Spread:
    """Return how many times as long `of` takes as `to`, timed alternately; round 1 is a warm-up."""
    ratios = []
    for _ in range(rounds + 1):
        base = seconds(to)
        ratios.append(seconds(of) / base)
    counted = ratios[1:]
    return Spread(min(counted), median(counted), max(counted))


def line(name: str, says: object) -> None:
    """Print one row."""
    print(f"  {name:<74} {says}", flush=True)
