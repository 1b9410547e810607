"""Contenders of two folders on the same seeds: an agent's sessions against a sweep's policies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from plandrift.experiments.analysis.selection import check_metric
from plandrift.experiments.analysis.tables import ACHIEVED, Row, at_horizon
from plandrift.experiments.statistics.comparison import difference
from plandrift.experiments.statistics.measures import is_rate, rate_columns
from plandrift.experiments.statistics.rulings import ruling
from plandrift.experiments.sweeps.condition import Condition
from plandrift.experiments.sweeps.results import Results
from plandrift.sim import SettingError

APART = ("policy.", "agent.thinking_time", "agent.prepare_time", "pace")
"""What contenders may differ in: who decides, and what deciding costs."""

CUT_OFF = ACHIEVED.index("cut_off") - len(ACHIEVED)
"""The place of `cut_off` in a tuple of `Values`, counted from its end."""

Values = dict[str, dict[int, tuple[float, ...]]]
"""By condition id and seed: the metric, or the two parts of its rate; then what was achieved."""


def compare_folders(one: Results, other: Results, metric: str, level: float = 0.95) -> list[Row]:
    """Return the differences of a metric, each condition of one folder minus each of the other, by seed.

    Conditions are compared if they meet the same world: all settings are equal, except who decides and how
    long deciding takes.

    Args:
        one: a results folder.
        other: another results folder.
        metric: the metric's name.
        level: confidence level of the intervals.

    A row names both contenders and what varies in the other folder. It holds the metric of both (the column
    named for it, and ``… against``), `difference`, `low`, `high`, `n` (pairs of seeds), `verdict`, and what
    both achieved and attempted.

    Raises:
        SettingError: the metric is unknown, or no two conditions meet the same world on a common seed.
    """
    for results in (one, other):
        check_metric(results, metric)
    first, second = _values(one, metric), _values(other, metric)
    rows: list[Row] = []
    for mine in one.manifest.conditions:
        for theirs in other.manifest.conditions:
            seeds = sorted(first[mine.id].keys() & second[theirs.id].keys())
            if not seeds or world_of(mine) != world_of(theirs):
                continue
            a, b = ([held[s] for s in seeds] for held in (first[mine.id], second[theirs.id]))
            columns = len(a[0]) - len(ACHIEVED)
            one_side, other_side = ([[v[i] for v in side] for i in range(columns)] for side in (a, b))
            pair = difference(metric, one_side, other_side, level)
            row: Row = {"contender": mine.policy, "against": theirs.policy}
            row |= {name: theirs.value(name) for name in other.manifest.varies}
            row |= {metric: _figure(a, metric), f"{metric} against": _figure(b, metric)}
            row |= {"difference": pair.difference.mean, "low": pair.difference.low}
            row |= {"high": pair.difference.high, "n": len(seeds)}
            cut = ([value[CUT_OFF] for value in side] for side in (a, b))
            row |= {"verdict": ruling(pair.difference, at_horizon(metric, *cut)).words}
            for place, name in enumerate(ACHIEVED, -len(ACHIEVED)):
                row[f"{name} / against"] = " / ".join(f"{_mean(side, place):.2f}" for side in (a, b))
            rows.append(row)
    if not rows:
        raise SettingError(
            f"{one.folder} and {other.folder}: no two conditions meet the same world on one seed: give both "
            "the same world, settings and horizon"
        )
    return rows


def world_of(condition: Condition) -> tuple[Any, ...]:
    """Return what a condition's contenders meet: the world and every setting that is not their own."""
    settings = {name: value for name, value in condition.settings.items() if not name.startswith(APART)}
    return condition.world, condition.oracle, tuple(sorted((k, str(v)) for k, v in settings.items()))


def _values(results: Results, metric: str) -> Values:
    found: Values = {one.id: {} for one in results.manifest.conditions}
    takes = rate_columns(metric) if is_rate(metric) else (f"{metric}::double",)
    known = "" if is_rate(metric) else f"where not isnan({metric}::double)"
    with results.connect() as connection:
        rows = connection.execute(
            f"select condition, seed, {', '.join([*takes, *ACHIEVED])} from episodes {known}"
        ).fetchall()
    for name, seed, *values in rows:
        found[name][seed] = tuple(float(value) for value in values)
    return found


def _figure(values: Sequence[tuple[float, ...]], metric: str) -> float:
    if not is_rate(metric):
        return _mean(values, 0)
    whole = sum(value[1] for value in values)
    return sum(value[0] for value in values) / whole if whole else math.nan


def _mean(values: Sequence[tuple[float, ...]], place: int) -> float:
    return float(np.mean([value[place] for value in values]))
