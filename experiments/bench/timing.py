"""Timing two things in turn, so that whatever else the machine does meets both."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Spread:
    """The least, the median and the greatest of several ratios."""

    low: float
    middle: float
    high: float

    def __str__(self) -> str:
        return f"{self.middle:6.2f} × ({self.low:.2f} to {self.high:.2f})"


def seconds(what: Callable[[], object]) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def ratio(of: Callable[[], object], to: Callable[[], object], rounds: int = 7) -> Spread:
    """How many times as long as `to` does `of` take, timed in turn; the first round is not counted."""
    ratios = []
    for _ in range(rounds + 1):
        base = seconds(to)
        ratios.append(seconds(of) / base)
    counted = ratios[1:]
    return Spread(min(counted), median(counted), max(counted))


def line(name: str, says: object) -> None:
    """Print one row."""
    print(f"  {name:<74} {says}", flush=True)
