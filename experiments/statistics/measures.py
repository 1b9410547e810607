"""What a metric is for statistics: between what it lies, and of what it is a rate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plandrift.experiments.statistics.intervals import ANY, Bounds
from plandrift.sim.measure.metrics import DECLARED


def bounds_of(metric: str) -> Bounds:
    """Between what a metric lies; a metric that is no figure of one episode may be anything."""
    declared = DECLARED.get(metric)
    return ANY if declared is None else declared.bounds


def apart_bounds(metric: str) -> Bounds:
    """Between what a difference of two values of a metric lies."""
    low, high = bounds_of(metric)
    return (low - high, high - low) if math.isfinite(high) else ANY


def is_flag(metric: str) -> bool:
    """Whether a metric is 0 or 1 in an episode."""
    return metric in DECLARED and DECLARED[metric].kind == "flag"


def is_rate(metric: str) -> bool:
    """Whether a metric over episodes is a sum over a sum."""
    return metric in DECLARED and bool(DECLARED[metric].over or DECLARED[metric].kind == "step average")


ACHIEVED = ("success", "goals_met", "effectiveness")
"""Rates that say themselves what was achieved."""


def beside(metrics: Sequence[str]) -> list[str]:
    """The same with `success` where a rate asks for it: who fires nothing misfires never.

    >>> beside(["misfire_rate"]), beside(["effectiveness"]), beside(["replans"])
    (['misfire_rate', 'success'], ['effectiveness'], ['replans'])
    """
    asks = any(is_rate(metric) and metric not in ACHIEVED for metric in metrics)
    return list(dict.fromkeys([*metrics, *(["success"] if asks else [])]))


def taken_from(metric: str) -> tuple[str, ...]:
    """The columns that a metric over episodes is taken from: its own, and of a rate those of its sums.

    >>> taken_from("misfire_rate")
    ('misfire_rate', 'misfires', 'steps_fired')
    """
    return (metric, *DECLARED[metric].over) if metric in DECLARED else (metric,)


def rate_columns(metric: str, of: str = "") -> tuple[str, str]:
    """SQL for what a rate is the sum of, and over the sum of what, an episode of the table `of`.

    An average over steps is weighted by how many there were.
    """
    over, table = DECLARED[metric].over, f"{of}." if of else ""
    if over:
        return f"{table}{over[0]}", f"{table}{over[1]}"
    fired = f"{table}steps_fired"
    return f"(case when {fired} = 0 then 0 else {table}{metric} * {fired} end)", fired


def rate_parts(metric: str, columns: Mapping[str, NDArray[Any]]) -> tuple[NDArray[np.float64], ...]:
    """The same of columns: what a rate is the sum of, and over the sum of what, an episode."""
    over = DECLARED[metric].over
    if over:
        return np.asarray(columns[over[0]], float), np.asarray(columns[over[1]], float)
    fired = np.asarray(columns["steps_fired"], float)
    return np.where(fired == 0, 0.0, np.asarray(columns[metric], float) * fired), fired
