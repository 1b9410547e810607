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

from experiments.statistics.intervals import BINARY, mean_interval, share_interval
from experiments.sweeps.spec import Until

BATCH = 20
"""Episodes between two looks, and the fewest that any condition gets."""

AHEAD = 5
"""An interval that is narrow enough at n must still be so at n + n / AHEAD."""


def half_width(values: Sequence[float], metric: str) -> float:
    """Half the width of the 95 % interval of the mean.

    Values that are all alike say little of a rare event: their interval is then taken to be that of
    a share of which none was seen in as many tries.
    """
    known = [v for v in values if not math.isnan(v)]
    if len(known) < 2:
        return math.inf
    if metric in BINARY:
        interval = share_interval(round(sum(known)), len(known))
    elif min(known) == max(known):
        interval = share_interval(0, len(known))
    else:
        interval = mean_interval(known)
    return (interval.high - interval.low) / 2


def next_stop(values: Sequence[float], until: Until) -> int | None:
    """How many episodes to have before the next look; None when these are enough.

    Args:
        values: the metric of seeds 0, 1, … so far; their number is a multiple of `BATCH` or the cap.
        until: the rule.
    """
    n = len(values)
    if n >= until.at_most or converged(values, until):
        return None
    return min(n + BATCH, until.at_most)


def converged(values: Sequence[float], until: Until) -> bool:
    """Whether the interval is narrow enough at the last look and was at the one that it looked ahead from."""
    n = len(values)
    if n < 2 * BATCH or half_width(values, until.metric) > until.half_width:
        return False
    # Every look from the first that was narrow enough on must be so; checking the last fifth does it.
    looks = range(n, BATCH - 1, -BATCH)
    back = next((m for m in looks if m + max(BATCH, m // AHEAD) <= n), BATCH)
    return all(half_width(values[:m], until.metric) <= until.half_width for m in looks if back <= m < n)
