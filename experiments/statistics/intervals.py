"""Intervals: how sure a mean, a share, a difference or a median is.

Every interval is of 95 % by default, and says from how many values it was taken.
SciPy is loaded where it is used: it takes longer to load than most commands to run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEVEL = 0.95

Bounds = tuple[float, float]
"""Between what a value lies by its nature."""

ANY: Bounds = (-math.inf, math.inf)
SHARE: Bounds = (0.0, 1.0)

ENOUGH = 30
"""Fewer values that are all alike say too little of how much they vary: their interval is not known."""

CARRIED = 10
"""A sum of which fewer values than that are not 0 rests on these few."""

LARGEST = 0.05
"""And so does one of which this share of the values, the largest, hold more than half."""


@dataclass(frozen=True)
class Interval:
    """An estimate and how sure it is.

    Attributes:
        mean: the estimate, a mean unless said otherwise; NaN where there was nothing to take it from.
        low: the lower end; NaN where it is not known.
        high: the upper end.
        n: values, or pairs, or clusters, that it was taken from.
        carried_by: how many of them carry it, where they are so few that nothing is decided by it
            (`carriers`); else 0.
    """

    mean: float
    low: float
    high: float
    n: int
    carried_by: int = 0

    @property
    def half_width(self) -> float:
        """Half of the interval's width."""
        return (self.high - self.low) / 2


def from_influence(
    estimate: float,
    moved: NDArray[np.float64],
    level: float = LEVEL,
    bounds: Bounds = ANY,
    carried_by: int = 0,
) -> Interval:
    """The interval of an estimate that two values or more moved, by how far each did.

    Counts of what seldom happens are skewed, and Student's interval then ends too low: Hall's cubic
    transformation takes the skewness out of it (Hall 1992, JRSS B 54, 221-228; docs/model/statistics.md says
    what it covers). With no skewness it is Student's.

    Args:
        estimate: a mean, a ratio, a difference.
        moved: how far each value moved it; they add up to 0.
        level: of the interval.
        bounds: between what the estimate lies.
        carried_by: see `Interval`.
    """
    n, spread = moved.size, float(moved.std())
    if np.allclose(moved, 0, atol=1e-12):
        return alike(n, estimate, level, bounds)
    from scipy import special

    skewness = float((moved**3).mean()) / spread**3
    reach = float(special.stdtrit(n - 1, (1 + level) / 2)) / math.sqrt(n)
    deviation = spread * math.sqrt(n / (n - 1))
    ends = [estimate - deviation * _skewed(side, skewness, n) for side in (reach, -reach)]
    # A value that lies between two bounds lies inside them, and so does its interval.
    inside = from_error(n, estimate, deviation / math.sqrt(n), level, bounds)
    low = ends[0] if ends[0] > bounds[0] else inside.low
    high = ends[1] if ends[1] < bounds[1] else inside.high
    return Interval(estimate, low, high, n, carried_by)


def _skewed(reach: float, skewness: float, n: int) -> float:
    """Where a standardised mean of n values with a skewness is when its transformed is at `reach`."""
    if abs(skewness) < 1e-6:
        return reach
    return 3 / skewness * (math.cbrt(1 + skewness * (reach - skewness / (6 * n))) - 1)


def carriers(parts: NDArray[np.float64], largest: float = LARGEST) -> int:
    """How many values carry a sum, where they are few; 0 where many do, or where nothing was seen.

    They are few where the largest values, fewer than `CARRIED` and no more than the `largest` share of all,
    hold more than half of the sum of their sizes; or where fewer than `CARRIED`, and fewer than half, are
    not 0. No interval covers the mean of such values: whoever draws them again has one more, or one fewer, of
    those that count.

    Args:
        parts: the values.
        largest: the share; 0 for values between two bounds, none of which can outweigh many others.

    >>> carriers(np.array([0.0] * 28 + [2.0, 30.0])), carriers(np.ones(30))
    (2, 0)
    """
    sizes = np.sort(np.abs(parts))[::-1]
    n, seen = sizes.size, int((sizes > 1e-12).sum())
    if seen < CARRIED and 2 * seen < n:
        return seen
    half = int(np.searchsorted(sizes.cumsum(), sizes.sum() / 2, side="right")) + 1
    return half if n >= CARRIED and half < CARRIED and half <= math.ceil(largest * n) else 0


def from_error(n: int, mean: float, error: float, level: float = LEVEL, bounds: Bounds = ANY) -> Interval:
    """The t interval of an estimate from its standard error with n - 1 degrees of freedom, within bounds.

    Between two bounds the interval is taken on the scale of log((x - low) / (high - x)) by the delta method
    (Casella and Berger 2002, section 5.5.4), so that it ends inside; at a single bound it is cut off.
    """
    if error == 0:
        return alike(n, mean, level, bounds)
    from scipy import special

    half = float(special.stdtrit(n - 1, (1 + level) / 2)) * error
    low, high = bounds
    if math.isfinite(low) and math.isfinite(high) and low < mean < high:
        share = (mean - low) / (high - low)
        middle, spread = math.log(share / (1 - share)), half / (high - low) / (share * (1 - share))
        ends = [low + (high - low) * float(special.expit(middle + side * spread)) for side in (-1, 1)]
        return Interval(mean, ends[0], ends[1], n)
    return Interval(mean, max(low, mean - half), min(high, mean + half), n)


def alike(n: int, value: float, level: float = LEVEL, bounds: Bounds = ANY) -> Interval:
    """The interval of a mean of n values that are all `value`.

    At the end of a share it is Wilson's, of no hit or no miss in n; a count of which none was seen has
    Poisson's upper end -log((1 - level) / 2) / n (Garwood 1936, Biometrika 28). Elsewhere `ENOUGH` values
    are taken at their word, and fewer have no interval.
    """
    low, high = bounds
    if math.isfinite(low) and math.isfinite(high) and value in bounds:
        share = share_interval(n if value == high else 0, n, level)
        return Interval(value, low + (high - low) * share.low, low + (high - low) * share.high, n)
    if value == low == 0:
        return Interval(0.0, 0.0, -math.log((1 - level) / 2) / n, n)
    return Interval(value, value, value, n) if n >= ENOUGH else Interval(value, math.nan, math.nan, n)


def mean_interval(values: ArrayLike, level: float = LEVEL, bounds: Bounds = ANY) -> Interval:
    """The interval of a mean, within bounds, with its skewness taken out; NaN values are left out.

    >>> mean_interval([1.0, 2.0, 3.0]).mean
    2.0
    >>> mean_interval([0.0, 0.0, 0.1], bounds=SHARE).low > 0
    True
    """
    known = _known(values)
    if known.size < 2:
        return Interval(float(known[0]) if known.size else math.nan, math.nan, math.nan, known.size)
    # Of equal values the computed mean may be a rounding off them.
    mean = float(known[0] if known.min() == known.max() else known.mean())
    largest = 0.0 if all(map(math.isfinite, bounds)) else LARGEST
    return from_influence(mean, known - mean, level, bounds, carriers(known, largest))


def share_interval(hits: int, n: int, level: float = LEVEL) -> Interval:
    """Wilson's interval of a share (Wilson 1927, JASA 22): inside [0, 1], and honest at 0 and 1."""
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, 0)
    from scipy import special

    z = float(special.ndtri((1 + level) / 2))
    share = hits / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half), n)


@dataclass(frozen=True)
class Paired:
    """A difference between two conditions on the same seeds.

    Attributes:
        difference: first minus second, with the interval of the pairs.
        unpaired: the interval that the same values would have had without the pairing (Welch 1947).
        gain: the unpaired standard error over the paired one: how often narrower the pairing made it.
    """

    difference: Interval
    unpaired: Interval
    gain: float


def paired(first: ArrayLike, second: ArrayLike, level: float = LEVEL, bounds: Bounds = ANY) -> Paired:
    """The mean difference of values that belong together, pair by pair; a pair with a NaN is left out.

    Args:
        first: values.
        second: of the same pairs.
        level: of the intervals.
        bounds: between what a difference lies.

    Raises:
        ValueError: the two have different lengths.
    """
    a, b = np.asarray(first, float), np.asarray(second, float)
    if a.shape != b.shape:
        raise ValueError(f"{a.size} values and {b.size}: a pair needs two")
    both = ~(np.isnan(a) | np.isnan(b))
    a, b = a[both], b[both]
    difference = mean_interval(a - b, level, bounds)
    n = a.size
    if n < 2:
        return Paired(difference, difference, math.nan)
    va, vb = float(a.var(ddof=1)) / n, float(b.var(ddof=1)) / n
    from scipy import special

    error = math.sqrt(va + vb)
    freedom = (va + vb) ** 2 * (n - 1) / (va**2 + vb**2) if error else n - 1.0
    half = float(special.stdtrit(freedom, (1 + level) / 2)) * error
    unpaired = Interval(difference.mean, difference.mean - half, difference.mean + half, n)
    apart = float((a - b).std(ddof=1)) / math.sqrt(n)
    return Paired(difference, unpaired, error / apart if apart else math.nan)


def bootstrap_interval(
    values: ArrayLike, level: float = LEVEL, resamples: int = 2000, seed: int = 0
) -> Interval:
    """The BCa bootstrap interval of a mean, for metrics that are skewed (Efron 1987, JASA 82)."""
    known = _known(values)
    if known.size < 2 or known.min() == known.max():
        return mean_interval(known, level)
    from scipy import stats

    found = stats.bootstrap(
        (known,),
        np.mean,
        confidence_level=level,
        n_resamples=resamples,
        method="BCa",
        vectorized=True,
        batch=max(1, 2_000_000 // known.size),
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Interval(float(known.mean()), float(found.low), float(found.high), known.size)


def quantile_interval(values: ArrayLike, share: float = 0.5, level: float = LEVEL) -> Interval:
    """A quantile with the interval of two order statistics, free of any distribution.

    The ends are the order statistics whose ranks are the binomial quantiles (Conover 1999, section
    3.2); `mean` is the quantile itself. With too few values an end is the least or the greatest.
    """
    known = np.sort(_known(values))
    n = known.size
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, 0)
    from scipy import stats

    low = int(stats.binom.ppf((1 - level) / 2, n, share))
    high = int(stats.binom.ppf((1 + level) / 2, n, share))
    return Interval(
        float(np.quantile(known, share)),
        float(known[min(max(low - 1, 0), n - 1)]),
        float(known[min(high, n - 1)]),
        n,
    )


@dataclass(frozen=True)
class Index:
    """How much of a metric's variance comes from one setting (Sobol' 1993; Saltelli et al. 2010).

    Attributes:
        setting: its dotted name.
        first: first-order index: alone.
        total: total index: alone and together with others.
    """

    setting: str
    first: Interval
    total: Interval


def sobol(
    names: Sequence[str],
    at_a: NDArray[np.float64],
    at_b: NDArray[np.float64],
    at_ab: NDArray[np.float64],
    level: float = LEVEL,
    resamples: int = 999,
    seed: int = 0,
) -> list[Index]:
    """First-order and total indices with bootstrap intervals, by `scipy.stats.sobol_indices`.

    Args:
        names: of the d settings.
        at_a: the metric at the n points A.
        at_b: at the n points B.
        at_ab: d × n: at A with setting i taken from B.
        level: of the intervals.
        resamples: of the bootstrap.
        seed: of the bootstrap.
    """
    n = at_a.size
    from scipy import stats

    given: dict[Literal["f_A", "f_B", "f_AB"], NDArray[np.float64]] = {
        "f_A": at_a[None, :],
        "f_B": at_b[None, :],
        "f_AB": at_ab[:, None, :],
    }
    found = stats.sobol_indices(func=given, n=n, rng=np.random.default_rng(seed))
    middle = np.mean([at_a, at_b])
    a, b, ab = at_a - middle, at_b - middle, at_ab - middle

    def indices(places: NDArray[np.int64]) -> NDArray[np.float64]:
        """Both kinds at some of the points: Saltelli et al. 2010, table 2, (b) and (f)."""
        at, other, mixed = a[places], b[places], ab[:, places]
        spread = np.var([at, other])
        once = np.mean(other * (mixed - at), axis=-1) / spread
        whole = np.mean((at - mixed) ** 2, axis=-1) / (2 * spread)
        return np.stack([once, whole])

    # SciPy's own bootstrap of the indices takes no seed, so that two readings of one sweep would differ.
    sure = stats.bootstrap(
        [np.arange(n)],
        indices,
        method="BCa",
        n_resamples=resamples,
        confidence_level=level,
        rng=np.random.default_rng(seed),
        vectorized=False,
    ).confidence_interval

    def intervals(values: Any, kind: int) -> list[Interval]:
        low, high = (np.asarray(end)[kind] for end in (sure.low, sure.high))
        rows = zip(np.ravel(values), np.ravel(low), np.ravel(high), strict=True)
        return [Interval(float(value), float(least), float(most), n) for value, least, most in rows]

    first, total = intervals(found.first_order, 0), intervals(found.total_order, 1)
    return [Index(*three) for three in zip(names, first, total, strict=True)]


def _known(values: ArrayLike) -> NDArray[np.float64]:
    given = np.asarray(values, float).ravel()
    known: NDArray[np.float64] = given[~np.isnan(given)]
    return known
