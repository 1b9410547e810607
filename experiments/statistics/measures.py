"""What statistics needs to know about a metric: its bounds, and what it is a rate of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plandrift.experiments.statistics.intervals import ANY, Bounds
from plandrift.sim.measure.metrics import DECLARED


def bounds_of(metric: str) -> Bounds:
    """Return the bounds of a metric; a metric that is not computed per episode is unbounded."""
    declared = DECLARED.get(metric)
    return ANY if declared is None else declared.bounds


def apart_bounds(metric: str) -> Bounds:
    """Return the bounds of a difference between two values of a metric."""
    low, high = bounds_of(metric)
    return (low - high, high - low) if math.isfinite(high) else ANY


def is_flag(metric: str) -> bool:
    """Say whether a metric is 0 or 1 in an episode."""
    return metric in DECLARED and DECLARED[metric].kind == "flag"


def is_rate(metric: str) -> bool:
    """Say whether a metric over several episodes is a ratio of two sums."""
    return metric in DECLARED and bool(DECLARED[metric].over or DECLARED[metric].kind == "step average")


ACHIEVED = ("success", "goals_met", "effectiveness")
"""Rates that already say what was achieved."""


def beside(metrics: Sequence[str]) -> list[str]:
    """Add `success` to metrics if a rate needs it: an agent that fires nothing never misfires.

    >>> beside(["misfire_rate"]), beside(["effectiveness"]), beside(["replans"])
    (['misfire_rate', 'success'], ['effectiveness'], ['replans'])
    """
    asks = any(is_rate(metric) and metric not in ACHIEVED for metric in metrics)
    return list(dict.fromkeys([*metrics, *(["success"] if asks else [])]))


def taken_from(metric: str) -> tuple[str, ...]:
    """Return the columns that a metric over episodes needs: its own, and for a rate those of its sums.

    >>> taken_from("misfire_rate")
    ('misfire_rate', 'misfires', 'steps_fired')
    """
    return (metric, *DECLARED[metric].over) if metric in DECLARED else (metric,)


def rate_columns(metric: str, of: str = "") -> tuple[str, str]:
    """Return SQL for a rate's numerator and denominator in one episode of the table `of`.

    An average over steps is weighted by the number of steps.
    """
    over, table = DECLARED[metric].over, f"{of}." if of else ""
    if over:
        return f"{table}{over[0]}", f"{table}{over[1]}"
    fired = f"{table}steps_fired"
    return f"(case when {fired} = 0 then 0 else {table}{metric} * {fired} end)", fired


def rate_parts(metric: str, columns: Mapping[str, NDArray[Any]]) -> tuple[NDArray[np.float64], ...]:
    """Return a rate's numerators and denominators from columns, one pair per episode."""
    over = DECLARED[metric].over
    if over:
        return np.asarray(columns[over[0]], float), np.asarray(columns[over[1]], float)
    fired = np.asarray(columns["steps_fired"], float)
    return np.where(fired == 0, 0.0, np.asarray(columns[metric], float) * fired), fired
