"""Ready-made exogenous changes, drawn in blocks; most worlds use them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from plandrift.sim.terms.calls import Value
from plandrift.sim.terms.effects import Change
from plandrift.sim.terms.errors import WorldError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROUNDING = 1e-9
"""How far rounding may take a rate function above its bound."""

BLOCK = 128
"""How many changes are drawn at once."""


def arrivals(
    random: np.random.Generator,
    weights: Mapping[str, float],
    rate: float,
    at: Callable[[float], float] | None = None,
    most: float = 1.0,
) -> Iterator[tuple[float, str, float]]:
    """Merge independent Poisson processes, one per name; with `at`, their rates vary over time.

    With the same stream, a higher constant rate yields the same arrivals at earlier times.

    Varying rates are made by thinning (Lewis and Shedler 1979, Simulation of nonhomogeneous Poisson
    processes by thinning, Naval Research Logistics Quarterly 26(3), 403-413): arrivals are drawn at `most`
    times the rate, and the one at time t is kept with probability ``at(t) / most``. With an `at` whose mean
    in the long run is 1, `rate` stays the mean rate: give a world's volatility as `rate`, and a sweep of it
    scales the rates at all times alike.

    Args:
        random: a stream used for nothing else.
        weights: the rate of each name as a multiple of `rate`, at least 0.
        rate: mean arrivals per unit of time of a name with weight 1.
        at: gives, for a time, the rate as a multiple of `rate`, from 0 to `most`.
        most: an upper bound of `at`; the closer it is, the fewer draws are thrown away.

    Yields:
        (time, name, mark) in order of time, endlessly; the mark is uniform on [0, 1). Nothing if all
        rates are 0.

    Raises:
        WorldError: `at` gives less than 0 or more than `most`.

    >>> from itertools import islice
    >>> import numpy as np
    >>> found = list(islice(arrivals(np.random.default_rng(1), {"a": 1.0, "b": 3.0}, rate=0.5), 400))
    >>> sum(name == "b" for _, name, _ in found) > 250, found[-1][0] > 100
    (True, True)

    A shop with a rush from noon to six, five times as busy as at other hours, with the same average rate:

    >>> rush = lambda hour: 2.5 if 12 <= hour % 24 < 18 else 0.5
    >>> orders = arrivals(np.random.default_rng(1), {"orders": 1.0}, rate=2.0, at=rush, most=2.5)
    >>> hours = [hour for hour, _, _ in islice(orders, 4000)]
    >>> round(4000 / hours[-1], 1), round(sum(12 <= hour % 24 < 18 for hour in hours) / 4000, 1)
    (2.0, 0.6)
    """
    names = list(weights)
    for times, places, marks in blocks(random, tuple(weights.values()), rate if at is None else rate * most):
        for time, place, mark in zip(times.tolist(), places.tolist(), marks.tolist(), strict=True):
            if at is None:
                yield time, names[place], mark
                continue
            # Given that the arrival is kept, the mark divided by the kept share is uniform again.
            now = at(time) / most
            if not 0 <= now <= 1 + ROUNDING:
                raise WorldError(
                    f"at({time:g}) = {now * most:g}: a rate function lies between 0 and most = {most:g}"
                )
            if mark < now:
                yield time, names[place], mark / now


def blocks(
    random: np.random.Generator, weights: Sequence[float], rate: float
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]]:
    """Do the same as `arrivals` in blocks of `BLOCK`: arrays of times, of indexes in `weights` and of marks.

    >>> import numpy as np
    >>> times, places, marks = next(blocks(np.random.default_rng(1), (1.0, 3.0), rate=0.5))
    >>> len(times), int(places.max()), bool(marks.max() < 1)
    (128, 1, True)
    """
    import numpy as np

    whole, edges = shares(tuple(weights))
    total = whole * rate
    if total <= 0:
        return
    now = 0.0
    while True:
        gaps, which, marks = random.standard_exponential(BLOCK), random.random(BLOCK), random.random(BLOCK)
        times = now + np.cumsum(gaps) / total
        yield times, np.searchsorted(edges, which, side="right"), marks
        now = float(times[-1])


@lru_cache(maxsize=64)
def shares(weights: tuple[float, ...]) -> tuple[float, NDArray[np.float64]]:
    """Return the sum of the weights, and the points of [0, 1) at which the share of each ends."""
    import numpy as np

    share = np.array(weights, dtype=float)
    whole = float(share.sum())
    if whole <= 0:
        return 0.0, share
    edges = np.cumsum(share) / whole
    edges[-1] = 1.0
    return whole, edges


def jumps(
    random: np.random.Generator,
    options: Mapping[str, Sequence[Value]],
    first: Mapping[str, Value],
    rate: float,
    weights: Mapping[str, float] | None = None,
) -> Iterator[Change]:
    """Let each fluent jump at its rate to one of its other values, uniformly (docs/model/validation.md).

    With V values and c = rate·V/(V−1), the probability that a value differs from what it was a time x ago
    is p(x) = (1 − 1/V)(1 − e^(−cx)).

    Args:
        random: a stream used for nothing else.
        options: the values that each fluent may hold: at least two, including its first.
        first: the value of each fluent at time 0.
        rate: mean changes per fluent and unit of time.
        weights: the rate of each fluent as a multiple of `rate`; 1 if not given.

    Yields:
        (time, fluent, value) in order of time, endlessly; nothing if no fluent changes.

    >>> import numpy as np
    >>> doors = jumps(np.random.default_rng(1), {"door": ("open", "shut")}, {"door": "open"}, rate=0.1)
    >>> next(doors)[1:], next(doors)[1:]
    (('door', 'shut'), ('door', 'open'))
    """
    held = {name: list(values).index(first[name]) for name, values in options.items()}
    for time, name, mark in arrivals(
        random, dict.fromkeys(options, 1.0) if weights is None else weights, rate
    ):
        values = options[name]
        size = len(values)
        place = held[name] = (held[name] + 1 + int(mark * (size - 1))) % size
        yield time, name, values[place]
