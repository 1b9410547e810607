"""Where the choice flips when one number changes and the others stay as given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from plandrift.experiments.agents.advise.prices import COMPONENTS, Array, Prices
from plandrift.experiments.statistics.intervals import paired
from plandrift.experiments.statistics.rulings import ruling

FACTORS = tuple(2.0**power for power in range(-4, 5))
"""The multiples of its value at which a number is simulated."""

FINE = tuple(2.0 ** (power / 2) for power in range(-12, 13))
"""The multiples of its value over which a number is searched where theory is exact."""


@dataclass(frozen=True)
class Stretch:
    """A range of a number in which one guard is the cheapest.

    Attributes:
        low: start of the range.
        high: end of the range.
        best: the cheapest guard; empty if no closed form holds.
    """

    low: float
    high: float
    best: str


@dataclass(frozen=True)
class FlipLine:
    """The best guard for each value of one number.

    Attributes:
        name: the setting, or the price as ``price of …``.
        here: its value as given.
        stretches: ranges from low to high; the choice flips between neighbours.
        exact: whether their ends are exact; if not, nothing was tried between them.
    """

    name: str
    here: float
    stretches: tuple[Stretch, ...]
    exact: bool


Cost = Callable[[float], Mapping[str, float]]
"""Returns each guard's cost at a value of a number."""


def exactly(name: str, here: float, cost: Cost) -> FlipLine:
    """Return the line of a number whose costs are known exactly; flips are found by bisection."""

    def best(value: float) -> str:
        costs = cost(value)
        return min(costs, key=lambda guard: round(costs[guard], 9))

    values = [here * factor for factor in FINE]
    names = [best(value) for value in values]
    found, start = [], values[0]
    for (low, a), (high, b) in zip(
        zip(values, names, strict=True), zip(values[1:], names[1:], strict=True), strict=False
    ):
        if a == b:
            continue
        left, right = low, high
        for _ in range(12):
            middle = (left * right) ** 0.5
            left, right = (middle, right) if best(middle) == a else (left, middle)
        found.append(Stretch(start, right, a))
        start = right
    return FlipLine(name, here, (*found, Stretch(start, values[-1], names[-1])), exact=True)


def simulated(name: str, here: float, costs: Sequence[Mapping[str, Array]], chosen: str) -> FlipLine:
    """Return the line of a number from episodes at `FACTORS` times its value.

    Args:
        name: the setting.
        here: its value.
        costs: at each factor, each guard's costs, one per seed.
        chosen: the recommended guard, which is replaced only by one that is significantly cheaper.
    """
    values = [here * factor for factor in FACTORS]
    found: list[Stretch] = []
    for value, one in zip(values, costs, strict=True):
        best = _surely_best(one, chosen)
        if found and found[-1].best == best:
            found[-1] = Stretch(found[-1].low, value, best)
        else:
            found.append(Stretch(value, value, best))
    return FlipLine(name, here, tuple(found), exact=False)


def _surely_best(costs: Mapping[str, Array], chosen: str) -> str:
    best = min(costs, key=lambda name: float(costs[name].mean()))
    return best if ruling(paired(costs[chosen], costs[best]).difference).verdict == "more" else chosen


def by_price(prices: Prices, means: Mapping[str, Array]) -> list[FlipLine]:
    """Return the lines of the prices: costs are linear in them, so the ends are as exact as the means.

    Args:
        prices: the current prices.
        means: each guard's mean `COMPONENTS` per episode.
    """
    vector = prices.vector
    groups = {
        "a misfire": [
            "misfires",
            *(["harm"] if prices.harm is None else []),
            *(["unmet"] if prices.unmet is None else []),
        ],
        "a false block": ["false blocks"],
        "a refusal": ["refusals"],
        "a read": ["reads"],
        "a replan": ["replans"],
        "a unit of time": ["time"],
    }
    lines = []
    for name, parts in groups.items():
        places = [COMPONENTS.index(part) for part in parts]
        here = float(vector[places[0]])
        if here <= 0 or all(not mean[places].any() for mean in means.values()):
            continue

        def cost(value: float, places: list[int] = places) -> dict[str, float]:
            changed = vector.copy()
            changed[places] = value
            return {guard: float(mean @ changed) for guard, mean in means.items()}

        lines.append(exactly(f"price of {name}", here, cost))
    return lines
