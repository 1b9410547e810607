"""Intervals for a mean, a share, a difference or a median.

Every interval has a level of 95 % by default, and records how many values it was computed from. SciPy is
imported only where it is used, because it takes longer to load than most commands take to run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plandrift.experiments.statistics.quantiles import normal, student

LEVEL = 0.95

Bounds = tuple[float, float]
"""The lower and upper bound of a value by definition."""

ANY: Bounds = (-math.inf, math.inf)
SHARE: Bounds = (0.0, 1.0)

ENOUGH = 30
"""Fewer identical values than this say too little about how values vary: their interval is unknown."""

CARRIED = 10
"""A sum with fewer non-zero values than this depends on those few."""

LARGEST = 0.05
"""A sum also depends on few values if this share of them, the largest ones, makes up over half of it."""


@dataclass(frozen=True)
class Interval:
    """An estimate and its interval.

    Attributes:
        mean: the estimate, a mean unless stated otherwise; NaN if there were no values.
        low: lower end of the interval; NaN if unknown.
        high: upper end of the interval.
        n: number of values, pairs or clusters that it was computed from.
        carried_by: how many of them carry the estimate, if they are too few for it to decide anything (see
            `carriers`); else 0.
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
    """Return the interval of an estimate from how far each of its values moved it; needs two values.

    Counts of rare events are skewed, so Student's interval would end too low: Hall's cubic transformation
    removes the skewness (Hall 1992, JRSS B 54, 221-228; for its coverage see docs/model/statistics.md).
    Without skewness it equals Student's interval.

    Args:
        estimate: a mean, a ratio or a difference.
        moved: how far each value moved it; the sum is 0.
        level: confidence level of the interval.
        bounds: bounds of the estimate.
        carried_by: see `Interval`.
    """
    n, spread = moved.size, float(moved.std())
    if np.allclose(moved, 0, atol=1e-12):
        return alike(n, estimate, level, bounds)
    skewness = float((moved**3).mean()) / spread**3
    reach = student(level, n - 1) / math.sqrt(n)
    deviation = spread * math.sqrt(n / (n - 1))
    ends = [estimate - deviation * _skewed(side, skewness, n) for side in (reach, -reach)]
    # An estimate strictly between two bounds has an interval strictly between them.
    inside = from_error(n, estimate, deviation / math.sqrt(n), level, bounds)
    low = ends[0] if ends[0] > bounds[0] else inside.low
    high = ends[1] if ends[1] < bounds[1] else inside.high
    return Interval(estimate, low, high, n, carried_by)


def _skewed(reach: float, skewness: float, n: int) -> float:
    """Return the standardised mean of n skewed values whose transformed value is `reach`."""
    if abs(skewness) < 1e-6:
        return reach
    return 3 / skewness * (math.cbrt(1 + skewness * (reach - skewness / (6 * n))) - 1)


def carriers(parts: NDArray[np.float64], largest: float = LARGEST) -> int:
    """Return how many values make up most of a sum if they are few; 0 if many do, or if all values are 0.

    Few values carry a sum if the largest ones, fewer than `CARRIED` and at most the `largest` share of all,
    hold more than half of the sum of absolute values, or if fewer than `CARRIED`, and fewer than half, are
    not 0. No interval covers the mean of such values: another sample would contain one more, or one fewer,
    of those that matter.

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
    """Return an estimate's t interval from its standard error (n - 1 degrees of freedom), within bounds.

    Between two bounds the interval is computed on the scale of log((x - low) / (high - x)) by the delta
    method (Casella and Berger 2002, section 5.5.4), so that it stays inside; a single bound truncates it.
    """
    if error == 0:
        return alike(n, mean, level, bounds)
    half = student(level, n - 1) * error
    low, high = bounds
    if math.isfinite(low) and math.isfinite(high) and low < mean < high:
        share = (mean - low) / (high - low)
        middle, spread = math.log(share / (1 - share)), half / (high - low) / (share * (1 - share))
        ends = [low + (high - low) * _logistic(middle + side * spread) for side in (-1, 1)]
        return Interval(mean, ends[0], ends[1], n)
    return Interval(mean, max(low, mean - half), min(high, mean + half), n)


def _logistic(x: float) -> float:
    """Return 1 / (1 + exp(-x)), which no x makes overflow."""
    risen = math.exp(min(x, 0.0))
    return risen / (risen + math.exp(-max(x, 0.0)))


def alike(n: int, value: float, level: float = LEVEL, bounds: Bounds = ANY) -> Interval:
    """Return the interval of a mean of n values that all equal `value`.

    At a bound of a share it is Wilson's interval for no hit or no miss in n; a count of 0 has Poisson's
    upper limit -log((1 - level) / 2) / n (Garwood 1936, Biometrika 28). Elsewhere `ENOUGH` values have an
    interval of zero width, and fewer have none.
    """
    low, high = bounds
    if math.isfinite(low) and math.isfinite(high) and value in bounds:
        share = share_interval(n if value == high else 0, n, level)
        return Interval(value, low + (high - low) * share.low, low + (high - low) * share.high, n)
    if value == low == 0:
        return Interval(0.0, 0.0, -math.log((1 - level) / 2) / n, n)
    return Interval(value, value, value, n) if n >= ENOUGH else Interval(value, math.nan, math.nan, n)


def mean_interval(values: ArrayLike, level: float = LEVEL, bounds: Bounds = ANY) -> Interval:
    """Return the interval of a mean within bounds, corrected for skewness; NaN values are left out.

    >>> mean_interval([1.0, 2.0, 3.0]).mean
    2.0
    >>> mean_interval([0.0, 0.0, 0.1], bounds=SHARE).low > 0
    True
    """
    known = _known(values)
    if known.size < 2:
        return Interval(float(known[0]) if known.size else math.nan, math.nan, math.nan, known.size)
    # The computed mean of equal values may differ from them by a rounding error.
    mean = float(known[0] if known.min() == known.max() else known.mean())
    largest = 0.0 if all(map(math.isfinite, bounds)) else LARGEST
    return from_influence(mean, known - mean, level, bounds, carriers(known, largest))


def share_interval(hits: int, n: int, level: float = LEVEL) -> Interval:
    """Return Wilson's interval of a share (1927, JASA 22): inside [0, 1], and valid at 0 and 1."""
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, 0)
    z = normal(level)
    share = hits / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = max(0.0, middle - half) if hits else 0.0, min(1.0, middle + half) if hits < n else 1.0
    return Interval(share, low, high, n)


@dataclass(frozen=True)
class Paired:
    """A difference between two conditions on the same seeds.

    Attributes:
        difference: first minus second, with the interval of the pairs.
        unpaired: the interval of the same values without pairing (Welch 1947).
        gain: unpaired over paired standard error, the factor by which pairing narrows the interval.
    """

    difference: Interval
    unpaired: Interval
    gain: float


def paired(first: ArrayLike, second: ArrayLike, level: float = LEVEL, bounds: Bounds = ANY) -> Paired:
    """Return the mean difference of paired values; pairs with a NaN are left out.

    Args:
        first: the first values.
        second: the second values of the same pairs.
        level: confidence level of the intervals.
        bounds: bounds of a difference.

    Raises:
        ValueError: the two have different lengths.
    """
    a, b = np.asarray(first, float), np.asarray(second, float)
    if a.shape != b.shape:
        raise ValueError(f"{a.size} values and {b.size} values do not pair up")
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
    """Return the BCa bootstrap interval of a mean, for skewed metrics (Efron 1987, JASA 82)."""
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
    """Return a quantile with the distribution-free interval between two order statistics.

    The ranks of these order statistics are binomial quantiles (Conover 1999, section 3.2); `mean` is the
    quantile itself. If there are too few values, an end is the minimum or the maximum.
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
    """The share of a metric's variance due to one setting (Sobol' 1993; Saltelli et al. 2010).

    Attributes:
        setting: the setting's dotted name.
        first: first-order index, for the setting alone.
        total: total index, for the setting alone and with others.
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
    """Return first-order and total indices with bootstrap intervals, as `scipy.stats.sobol_indices` does.

    Args:
        names: names of the d settings.
        at_a: the metric at the n points A.
        at_b: at the n points B.
        at_ab: the metric at A with setting i taken from B, as a d × n array.
        level: confidence level of the intervals.
        resamples: number of bootstrap resamples.
        seed: seed of the bootstrap.
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
        """Return both indices at some of the points: Saltelli et al. 2010, table 2, (b) and (f)."""
        at, other, mixed = a[places], b[places], ab[:, places]
        spread = np.var([at, other])
        once = np.mean(other * (mixed - at), axis=-1) / spread
        whole = np.mean((at - mixed) ** 2, axis=-1) / (2 * spread)
        return np.stack([once, whole])

    # SciPy's own bootstrap takes no seed, so analysing one sweep twice would give different intervals.
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
