"""The difference of a metric between two conditions on the same seeds, for any kind of metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from plandrift.experiments.statistics.intervals import LEVEL, Paired, carriers, paired
from plandrift.experiments.statistics.measures import apart_bounds, is_rate
from plandrift.experiments.statistics.ratios import paired_ratios
from plandrift.sim.measure.metrics import DECLARED

LOOPED = 0.1
"""A count inflated by retry loops is carried by few seeds if this share of them holds half of it."""


def difference(
    metric: str, first: Sequence[ArrayLike], second: Sequence[ArrayLike], level: float = LEVEL
) -> Paired:
    """Return the paired difference of a metric, first minus second, seed by seed.

    Args:
        metric: the metric's name.
        first: one value per seed; for a rate, numerators and denominators (`measures.rate_columns`).
        second: the same for the other condition, on the same seeds.
        level: confidence level of the intervals.

    If a metric counts all attempts and another counts first attempts only, one loop of retries can inflate
    the former: a sample in which nothing looped shows no sign of it. The difference of such a metric is
    carried by few seeds if either side is, not only if the difference itself is.
    """
    bounds = apart_bounds(metric)
    if is_rate(metric):
        found = paired_ratios((first[0], first[1]), (second[0], second[1]), level, bounds)
    else:
        found = paired(first[0], second[0], level, bounds)
    if f"first_{metric}" not in DECLARED:
        return found
    few = max(
        found.difference.carried_by,
        *(carriers(np.asarray(side[0], float), LOOPED) for side in (first, second)),
    )
    return replace(found, difference=replace(found.difference, carried_by=few))
