"""The stopping rule: continue with a condition until its mean is known well enough, and no sooner.

A rule that checks the interval after every episode and stops at the first narrow one stops too often on a
variance that is too small by chance, so its intervals cover less than their nominal level. Here an interval
has to be narrow enough twice: at one check, and again a fifth further on (after Hoad, Robinson and Davies
2010, "Automated selection of the number of replications for a discrete-event simulation", J. Oper. Res. Soc.
61, with a longer look-ahead). Checks come after whole batches, so that what is run does not depend on which
process was faster.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from plandrift.experiments.statistics.intervals import Interval, mean_interval, share_interval
from plandrift.experiments.statistics.measures import bounds_of, is_flag, is_rate
from plandrift.experiments.statistics.ratios import ratio_interval
from plandrift.experiments.sweeps.spec import Until

BATCH = 20
"""Episodes between two checks, and the fewest that any condition gets."""

AHEAD = 5
"""An interval that is narrow enough at n must still be so at n + n / AHEAD."""


Sample = tuple[float, float]
"""What an episode contributes: for a rate, to its two sums; otherwise its value and 1."""


def half_width(values: Sequence[Sample], metric: str) -> float:
    """Return half the width of the 95 % interval of the mean, or of the rate.

    If all values are equal, they say little about a rare event: the interval is then that of a share with
    no event in the same number of tries.
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
    """Return how many episodes to have before the next check; None if these are enough.

    Args:
        values: the samples of seeds 0, 1, … so far; their number is a multiple of `BATCH`, or the cap.
        until: the stopping rule.
    """
    n = len(values)
    if n >= until.at_most or converged(values, until):
        return None
    return min(n + BATCH, until.at_most)


def converged(values: Sequence[Sample], until: Until) -> bool:
    """Say whether the interval was narrow enough at every check in the last fifth of the episodes."""
    n = len(values)
    if n < 2 * BATCH or half_width(values, until.metric) > until.half_width:
        return False
    # Every check from the first narrow one on must be narrow; checking the last fifth achieves this.
    looks = range(n, BATCH - 1, -BATCH)
    back = next((m for m in looks if m + max(BATCH, m // AHEAD) <= n), BATCH)
    return all(half_width(values[:m], until.metric) <= until.half_width for m in looks if back <= m < n)
