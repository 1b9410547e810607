"""The coverage of the intervals: resamples of a population of episodes, against its own figure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plandrift.experiments.statistics.comparison import difference
from plandrift.experiments.statistics.intervals import Interval, from_error, mean_interval
from plandrift.experiments.statistics.measures import bounds_of, is_rate, rate_parts
from plandrift.experiments.statistics.ratios import ratio_interval
from plandrift.experiments.sweeps.condition import condition
from plandrift.experiments.sweeps.engines import episode, fitting

POPULATION = 6000
RESAMPLES = 1000
SIZES = (10, 30, 100)
WORLDS = {"records": 1.0, "tickets": 1.7}
"""The worlds, each with the latency of its news."""
VOLATILITIES = (0.003, 0.0316)
POLICIES = ("gated", "plan-once")
ALONE = ("misfires", "misfire_rate", "first_misfire_rate", "harm")
PAIRED = (*ALONE, "success")
FIXED: dict[str, Any] = {"horizon": 80.0, "agent.thinking_time": 0.2, "agent.read_latency": 0.2}
COLUMNS = ("misfires", "steps_fired", "first_misfires", "first_attempts", "harm", "success")

Columns = NDArray[np.float64]


def population(world: str, volatility: float, policy: str) -> dict[str, Columns]:
    """Return the episodes of one condition, one column per metric."""
    settings = FIXED | {"channel.latency": WORLDS[world], "volatility": volatility}
    one = condition(world, policy, settings)
    engine = fitting(one, POPULATION)
    rows = [episode(one, seed, engine).row for seed in range(POPULATION)]
    return {name: np.array([float(row[name]) for row in rows]) for name in COLUMNS}


def columns(metric: str, of: dict[str, Columns]) -> list[Columns]:
    """Return the columns that a metric over episodes is computed from."""
    return list(rate_parts(metric, of)) if is_rate(metric) else [of[metric]]


def figure(sides: Sequence[Sequence[Columns]]) -> float:
    """Return the figure of one side, or the first side's minus the second's."""
    values = [side[0].sum() / (side[1].sum() if len(side) > 1 else side[0].size) for side in sides]
    return float(values[0] - (values[1] if len(values) > 1 else 0.0))


def interval(metric: str, sides: Sequence[Sequence[Columns]]) -> Interval:
    """Return the interval as tables and comparisons give it."""
    if len(sides) > 1:
        return difference(metric, sides[0], sides[1]).difference
    if is_rate(metric):
        return ratio_interval(sides[0][0], sides[0][1], bounds=bounds_of(metric))
    return mean_interval(sides[0][0], bounds=bounds_of(metric))


def student(sides: Sequence[Sequence[Columns]]) -> Interval:
    """Return Student's interval, the baseline; for a ratio by the delta method."""
    moved = []
    for side in sides:
        whole = side[1] if len(side) > 1 else np.ones(side[0].size)
        moved.append((side[0] - side[0].sum() / whole.sum() * whole) / whole.mean())
    apart = moved[0] - (moved[1] if len(moved) > 1 else 0.0)
    return from_error(apart.size, figure(sides), float(apart.std(ddof=1)) / math.sqrt(apart.size))


def coverage(say: Callable[[str], None] = print) -> None:
    """Print one Markdown row per case: Student's coverage, ours, and how often few seeds carry it."""
    sizes = " | ".join(f"n = {n}: t, ours, refused, safe" for n in SIZES)
    say(f"| case | truth | {sizes} |\n| --- | ---: | {' | '.join('---' for _ in SIZES)} |")
    random = np.random.default_rng(1)
    for world in WORLDS:
        for volatility in VOLATILITIES:
            held = {policy: population(world, volatility, policy) for policy in POLICIES}
            cases = [(policy, metric, [held[policy]]) for policy in POLICIES for metric in ALONE]
            cases += [("gated − plan-once", metric, list(held.values())) for metric in PAIRED]
            for name, metric, of in cases:
                every = [columns(metric, one) for one in of]
                cells = [_cell(metric, every, n, random) for n in SIZES]
                say(f"| {world} {volatility} {name} {metric} | {figure(every):.3g} | {' | '.join(cells)} |")


def _cell(metric: str, every: Sequence[Sequence[Columns]], n: int, random: np.random.Generator) -> str:
    truth, got = figure(every), []
    for _ in range(RESAMPLES):
        drawn = random.integers(POPULATION, size=n)
        sides = [[column[drawn] for column in side] for side in every]
        ours, theirs = interval(metric, sides), student(sides)
        few = ours.carried_by > 0 or math.isnan(ours.low)
        hit = ours.low <= truth <= ours.high
        got.append((theirs.low <= truth <= theirs.high, hit, few, hit or few))
    return ", ".join(f"{100 * share:.0f}" for share in np.mean(got, axis=0))


if __name__ == "__main__":
    coverage()
