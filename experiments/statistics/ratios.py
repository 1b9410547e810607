"""Rates over episodes: the ratio of two sums, with its interval.

A mean of the episodes' own rates would count an episode that fired one step as much as one that fired
fifty, and would leave out those that fired none: an agent that does nothing would look good. Here every
episode stays in both sums. Episodes of one seed are not independent, so the sums are taken per seed. The
error is found by linearisation (the delta method; Cochran 1977, Sampling Techniques, section 6.4): with R =
sum y / sum x and e = y - R x, the variance of R is the variance of the mean of e divided by the square of
the mean of x.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plandrift.experiments.statistics.intervals import (
    ANY,
    LEVEL,
    SHARE,
    Bounds,
    Interval,
    Paired,
    alike,
    carriers,
    from_error,
    from_influence,
    share_interval,
)


def ratio_interval(
    parts: ArrayLike,
    wholes: ArrayLike,
    level: float = LEVEL,
    bounds: Bounds = SHARE,
    episodes: int | None = None,
) -> Interval:
    """Return the sum of `parts` over the sum of `wholes`, with its interval within bounds.

    Args:
        parts: numerators, one per seed.
        wholes: denominators, one per seed, none below 0; a seed with 0 adds nothing but stays in.
        level: confidence level of the interval.
        bounds: bounds of the ratio.
        episodes: total number of episodes; if not given, the number of seeds with a non-zero whole.

    `n` counts the seeds. The result is NaN if the sum of the wholes is 0. If no events were seen (or
    nothing but hits), the far end of the interval is the upper limit of a zero count, at most one event per
    episode, in as many tries as there are seeds with a whole, divided by the mean whole of an episode. The
    denominator is thus the same as for any other ratio, and steps of one episode are not treated as
    independent.

    >>> ratio_interval([1, 0, 2], [2, 0, 10]).mean
    0.25
    """
    y, x = np.asarray(parts, float), np.asarray(wholes, float)
    n = y.size
    total = float(x.sum())
    if not total:
        return Interval(math.nan, math.nan, math.nan, n)
    ratio = float(y.sum()) / total
    if n < 2:
        return Interval(ratio, math.nan, math.nan, n)
    end = _snapped(ratio, bounds)
    if end in bounds:
        tries = int((x > 0).sum())
        whole = max(1.0, total / (episodes or tries))
        most = alike(tries, 0.0, level, (0.0, math.inf)).high / whole
        reach = min(most, share_interval(0, tries, level).high)
        return Interval(end, end, reach, n) if end == bounds[0] else Interval(end, end - reach, end, n)
    return from_influence(ratio, _influence(y, x, ratio), level, bounds, carriers(y))


def paired_ratios(
    first: tuple[ArrayLike, ArrayLike],
    second: tuple[ArrayLike, ArrayLike],
    level: float = LEVEL,
    bounds: Bounds = ANY,
) -> Paired:
    """Return the difference of two ratios whose parts and wholes are paired by seed.

    Args:
        first: parts and wholes of the first ratio.
        second: parts and wholes of the second, for the same seeds.
        level: confidence level of the intervals.
        bounds: bounds of the difference.
    """
    (a, of_a), (b, of_b) = (tuple(np.asarray(some, float) for some in pair) for pair in (first, second))
    n = a.size
    if not (n and of_a.sum() and of_b.sum()):
        nothing = Interval(math.nan, math.nan, math.nan, n)
        return Paired(nothing, nothing, math.nan)
    ratio_a, ratio_b = float(a.sum() / of_a.sum()), float(b.sum() / of_b.sum())
    difference = ratio_a - ratio_b
    if n < 2:
        alone = Interval(difference, math.nan, math.nan, n)
        return Paired(alone, alone, math.nan)
    of_first, of_second = _influence(a, of_a, ratio_a), _influence(b, of_b, ratio_b)
    apart = of_first - of_second
    error = 0.0 if np.allclose(apart, 0, atol=1e-12) else float(apart.std(ddof=1)) / math.sqrt(n)
    few = carriers(a / of_a.mean() - b / of_b.mean())
    unpaired = math.sqrt((float(of_first.var(ddof=1)) + float(of_second.var(ddof=1))) / n)
    return Paired(
        from_influence(difference, apart, level, bounds, few),
        from_error(n, difference, unpaired, level, bounds),
        unpaired / error if error else math.nan,
    )


def _influence(parts: NDArray[np.float64], wholes: NDArray[np.float64], ratio: float) -> NDArray[np.float64]:
    """Return how far each seed moves the ratio."""
    moved: NDArray[np.float64] = (parts - ratio * wholes) / wholes.mean()
    return moved


def _snapped(ratio: float, bounds: Bounds) -> float:
    """Return the ratio, or the bound that it misses only by a rounding error."""
    return next((end for end in bounds if math.isclose(ratio, end, abs_tol=1e-9)), ratio)
