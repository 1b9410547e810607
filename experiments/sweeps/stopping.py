"""When to stop: go on with one condition until its mean is known well enough, and no sooner.

A rule that looks at the interval after every episode and stops at the first that is narrow enough
stops too often on a variance that came out too small by chance, so its intervals cover less than they
promise. Here an interval has to be narrow enough twice: at a look, and again a fifth further on
(after Hoad, Robinson and Davies 2010, "Automated selection of the number of replications for a
discrete-event simulation", J. Oper. Res. Soc. 61, with a longer look-ahead). Looks are at whole
batches, so that what is run does not depend on which process was faster.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from plandrift.experiments.statistics.intervals import Interval, mean_interval, share_interval
from plandrift.experiments.statistics.measures import bounds_of, is_flag, is_rate
from plandrift.experiments.statistics.ratios import ratio_interval
from plandrift.experiments.sweeps.spec import Until

BATCH = 20
"""Episodes between two looks, and the fewest that any condition gets."""

AHEAD = 5
"""An interval that is narrow enough at n must still be so at n + n / AHEAD."""


Sample = tuple[float, float]
"""What an episode adds: of a rate to its two sums, else its value and 1."""


def half_width(values: Sequence[Sample], metric: str) -> float:
    """Half the width of the 95 % interval of the mean, or of the rate.

    Values that are all alike say little of a rare event: their interval is then taken to be that of
    a share of which none was seen in as many tries.
    """
    known = [(part, whole) for part, whole in values if not math.isnan(part)]
    if len(known) < 2:
        return math.inf
    if is_rate(metric):
        parts, wholes = [p for p, _ in known], [w for _, w in known]
        if sum(parts) in (0, sum(wholes)):
            return _half(share_interval(0, sum(w > 0 for w in wholes)))
        return _half(ratio_interval(parts, wholes, bounds=bounds_of(metric)))
    alone = [part for part, _ in known]
    if min(alone) == max(alone):
        return _half(share_interval(0, len(alone)))
    if is_flag(metric):
        return _half(share_interval(round(sum(alone)), len(alone)))
    return _half(mean_interval(alone, bounds=bounds_of(metric)))


def _half(interval: Interval) -> float:
    return math.inf if math.isnan(interval.low) else interval.half_width


def next_stop(values: Sequence[Sample], until: Until) -> int | None:
    """How many episodes to have before the next look; None when these are enough.

    Args:
        values: what seeds 0, 1, … came to so far; their number is a multiple of `BATCH` or the cap.
        until: the rule.
    """
    n = len(values)
    if n >= until.at_most or converged(values, until):
        return None
    return min(n + BATCH, until.at_most)


def converged(values: Sequence[Sample], until: Until) -> bool:
    """Whether the interval is narrow enough at the last look and was at the one that it looked ahead from."""
    n = len(values)
    if n < 2 * BATCH or half_width(values, until.metric) > until.half_width:
        return False
    # Every look from the first that was narrow enough on must be so; checking the last fifth does it.
    looks = range(n, BATCH - 1, -BATCH)
    back = next((m for m in looks if m + max(BATCH, m // AHEAD) <= n), BATCH)
    return all(half_width(values[:m], until.metric) <= until.half_width for m in looks if back <= m < n)
