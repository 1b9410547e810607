"""Two conditions on the same seeds: the difference of a metric, whatever kind of metric it is."""

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
"""A count that loops of retries can fill is carried by few where this share of the seeds holds half of it."""


def difference(
    metric: str, first: Sequence[ArrayLike], second: Sequence[ArrayLike], level: float = LEVEL
) -> Paired:
    """A metric of the first minus that of the second, seed by seed.

    Args:
        metric: by name.
        first: a value a seed; of a rate the parts and the wholes (`measures.rate_columns`).
        second: the same of the other, on the same seeds.
        level: of the intervals.

    A count of all attempts, of which there is one of first attempts alone, can be filled by one loop of
    retries: the sample in which nobody looped shows nothing of it. Such a difference is carried by few seeds
    where either side is, not only where it is so itself.
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
