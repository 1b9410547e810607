"""Tables of a sweep: each group's estimate with its interval, and paired differences.

Every condition of a sweep meets the same seeds, so episodes with one seed are not independent: where a
group pools several conditions, their mean on a seed counts as one value. `n` counts seeds, `episodes`
counts episodes. A rate is a ratio of two sums over all episodes. Sums are taken in the order of conditions
and seeds, so that they agree to the last digit however the rows were written and read. Only settings that
were named are averaged over (`analysis.selection`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plandrift.experiments.analysis.selection import (
    CUT,
    check_metric,
    chosen_values,
    compared,
    groupable,
    refuse_pooling,
)
from plandrift.experiments.statistics.comparison import difference as apart
from plandrift.experiments.statistics.intervals import (
    Interval,
    bootstrap_interval,
    mean_interval,
    paired,
    quantile_interval,
    share_interval,
)
from plandrift.experiments.statistics.measures import apart_bounds, bounds_of, is_flag, is_rate, rate_columns
from plandrift.experiments.statistics.ratios import ratio_interval
from plandrift.experiments.statistics.rulings import Ruling, ruling
from plandrift.experiments.sweeps.plain_values import column_of, in_order, value_text
from plandrift.experiments.sweeps.results import Results
from plandrift.sim import SettingError
from plandrift.sim.settings.real_time import InUnit, unit_of
from plandrift.sim.terms.errors import nearest

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]

STATISTICS = ("mean", "bootstrap", "median", "quantile")

ACHIEVED = ("success", "goals_met", "steps_fired", "cut_off")
"""Shown beside every figure: what was achieved, what was attempted, and what the horizon cut off."""

NOT_COMPARABLE = "not comparable at this horizon"


def table(
    results: Results,
    by: Sequence[str],
    metrics: Sequence[str],
    statistic: str = "mean",
    share: float = 0.9,
) -> list[Row]:
    """Return a row per group and metric.

    A row has the group's settings, `metric`, the estimate, `low`, `high`, `n`, `few`, `episodes`, `without`,
    and the means of `success`, `goals_met` and `steps_fired` over the same episodes.

    Args:
        results: a sweep's results.
        by: what to group by: `world`, `policy`, or settings that vary.
        metrics: names of metrics.
        statistic: ``mean`` (for a rate, sum over sum with the interval of a ratio; for a metric that is 0
            or 1, Wilson's interval; otherwise the interval of a mean), ``bootstrap`` (the mean with its BCa
            interval), ``median`` or ``quantile`` (with the interval from order statistics).
        share: the quantile, as a share.

    `few` is the number of seeds that carry the figure if they are so few that its interval claims too much
    (`plandrift.experiments.statistics.intervals.carriers`), else 0. `without` counts the episodes without a
    value, for example because they never had a plan: no mean includes them. A rate includes all episodes in
    its sums.

    Raises:
        SettingError: a name is unknown, or a setting varies that is neither in `by` nor averaged over.
    """
    _check(results, by, metrics)
    if statistic not in STATISTICS:
        raise SettingError(f"statistic {statistic!r}: {nearest(statistic, STATISTICS)}")
    if not 0 < share < 1:
        raise SettingError(f"quantile {share:g}: give a share above 0 and below 1")
    refuse_pooling(results, by)
    taken = [(one, rate_columns(one) if statistic == "mean" and is_rate(one) else (one,)) for one in metrics]
    rows: list[Row] = []
    with compared(results) as connection:
        for group in _groups(connection, by, [*ACHIEVED, *chain.from_iterable(names for _, names in taken)]):
            settings = dict(zip(by, group.settings, strict=True))
            achieved = {name: _mean_of(group.columns[name]) for name in ACHIEVED}
            for metric, names in taken:
                columns = [group.columns[name] for name in names]
                if len(columns) == 2:
                    found = _rate_row(group, metric, *columns)
                else:
                    found = _figure_row(group, metric, columns[0], statistic, share)
                rows.append(settings | found | achieved)
    rows.sort(key=_order(results, by))
    return rows


@dataclass(frozen=True)
class _Group:
    """A group's episodes, in the order of seeds and conditions.

    Attributes:
        settings: what they are grouped by.
        seeds: where each seed's episodes begin.
        columns: the metrics, by name or expression; NaN where an episode has no value.
    """

    settings: tuple[Any, ...]
    seeds: NDArray[np.intp]
    columns: dict[str, NDArray[np.float64]]

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up the values of each seed."""
        return values if self.seeds.size == values.size else np.add.reduceat(values, self.seeds)


def _groups(
    connection: duckdb.DuckDBPyConnection, by: Sequence[str], names: Sequence[str]
) -> Iterator[_Group]:
    """Yield the groups that have episodes, with these metrics.

    SQL would sort a million texts, and hand over a million objects.
    """
    connection.execute(
        f"create temp table places as select condition, {_list(by)} row_number() over (order by condition) "
        f"as place, dense_rank() over (order by {_list(by)} 0) as which from conditions"
    )
    groups = connection.execute(f"select distinct on (which) which, {_list(by)} 0 from places").fetchall()
    settings = {which: tuple(values) for which, *values, _ in groups}
    wanted = list(dict.fromkeys(names))
    metrics = ", ".join(f"coalesce(({name})::double, 'nan') as taken_{i}" for i, name in enumerate(wanted))
    found = connection.execute(
        f"select which, place, seed, {metrics} from compared join places using (condition)"
    ).fetchnumpy()
    which, place, seed = (found.pop(name) for name in ("which", "place", "seed"))
    order = np.lexsort((place, seed, which))
    which, seed = which[order], seed[order]
    edges = [*_beginnings(which).tolist(), which.size]
    for first, last in pairwise(edges):
        columns = {name: found[f"taken_{i}"][order[first:last]] for i, name in enumerate(wanted)}
        yield _Group(settings[which[first]], _beginnings(seed[first:last]), columns)


def _beginnings(values: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return where each run of equal values begins."""
    return np.flatnonzero(np.append(True, values[1:] != values[:-1])[: values.size])


def _mean_of(column: NDArray[np.float64]) -> float:
    known = column[~np.isnan(column)]
    return float(known.mean()) if known.size else math.nan


def _rate_row(group: _Group, metric: str, part: NDArray[np.float64], whole: NDArray[np.float64]) -> Row:
    interval = ratio_interval(
        group.sums(part), group.sums(whole), bounds=bounds_of(metric), episodes=part.size
    )
    return _row(metric, interval, part.size, 0)


def _figure_row(group: _Group, metric: str, column: NDArray[np.float64], statistic: str, share: float) -> Row:
    known = ~np.isnan(column)
    counts = group.sums(known.astype(float))
    means = group.sums(np.where(known, column, 0.0))[counts > 0] / counts[counts > 0]
    episodes = int(known.sum())
    if statistic == "bootstrap":
        interval = bootstrap_interval(means)
    elif statistic != "mean":
        interval = quantile_interval(means, 0.5 if statistic == "median" else share)
    elif is_flag(metric) and episodes == means.size:
        interval = share_interval(round(means.sum()), means.size)
    else:
        interval = mean_interval(means, bounds=bounds_of(metric))
    return _row(metric, interval, episodes, column.size - episodes)


def compare(
    results: Results, between: str, metric: str, by: Sequence[str] = (), level: float = 0.95
) -> list[Row]:
    """Return differences of a metric between two values of a setting, first minus second, paired by seed.

    Args:
        results: a sweep's results.
        between: the setting and its values, such as ``policy=gated,replan-each``.
        metric: the metric's name.
        by: what to group by.
        level: confidence level of the intervals.

    A row has the group's settings, the metric at both values, `difference`, `low`, `high`, `n` (pairs of
    seeds), `narrower` (by what factor pairing narrowed the interval), `verdict` and `why` (see
    `plandrift.experiments.statistics.rulings.Ruling` and `at_horizon`), and `ACHIEVED` at both values.

    Raises:
        SettingError: a name is unknown, a value does not occur in the sweep, or a setting varies that is
            neither in `by` nor averaged over.
    """
    name, first, second = _between(results, between)
    _check(results, [name, *by], [metric])
    if name in by:
        raise SettingError(f"--by {name}: it is being compared: group by something else")
    refuse_pooling(results, [name, *by])
    others = [n for n in groupable(results) if n not in (name, *by)]
    match = " and ".join(f'a."{n}" is not distinct from b."{n}"' for n in ("seed", *by, *others))
    rate = is_rate(metric)
    if rate:
        takes = [
            f"sum({column} order by a.condition)" for side in "ab" for column in rate_columns(metric, side)
        ]
    else:
        takes = [f"avg({side}.{metric} order by a.condition)" for side in "ab"]
    known = "" if rate else f"where not isnan(a.{metric}::double) and not isnan(b.{metric}::double) "
    # Seed by seed, like the metric itself: the share of the same episodes that the horizon ended.
    lists = [*takes, *(f"avg({side}.cut_off order by a.condition)" for side in "ab")]
    done = [f"avg({side}.{one} order by a.condition)" for one in ACHIEVED for side in "ab"]
    inner = ", ".join(f"{take} as v{i}" for i, take in enumerate([*lists, *done]))
    outer = ", ".join(
        [f"list(v{i} order by seed)" for i in range(len(lists))]
        + [f"avg(v{i} order by seed)" for i in range(len(lists), len(lists) + len(done))]
    )
    with compared(results) as connection:
        found = connection.execute(
            f"select {_list(by)} {outer} from (select {_list(by, 'a.')} a.seed, {inner} "
            f'from compared a join compared b on {match} and a."{name}" = ? and b."{name}" = ? '
            f"{known}group by {_list(by, 'a.')} a.seed) {_group(by)}",
            [first, second],
        ).fetchall()
    rows = []
    for row in found:
        values = [value or [] for value in row[len(by) : len(by) + len(lists)]]
        if rate:
            means = [_rate(values[0], values[1]), _rate(values[2], values[3])]
        else:
            means = [float(np.mean(some or [math.nan])) for some in values]
        half = len(takes) // 2
        pair = apart(metric, values[:half], values[half : len(takes)], level)
        at = [value_text(first), value_text(second)]
        ruled = ruling(pair.difference, at_horizon(metric, *values[len(takes) :]))
        rows.append(
            dict(zip(by, row, strict=False))
            | {f"{metric} at {at[0]}": means[0], f"{metric} at {at[1]}": means[1]}
            | {
                "difference": pair.difference.mean,
                "low": pair.difference.low,
                "high": pair.difference.high,
                "n": pair.difference.n,
                "narrower": pair.gain,
                "verdict": ruled.verdict,
                "why": ruled.why,
            }
            | {
                f"{one} at {at[i]}": row[len(by) + len(lists) + 2 * place + i]
                for place, one in enumerate(ACHIEVED)
                for i in (0, 1)
                if one != metric
            }
        )
    if not rows:
        raise SettingError(f"--between {between}: no two episodes with the same seed to compare yet")
    rows.sort(key=_order(results, by))
    return rows


def _rate(parts: Sequence[float], wholes: Sequence[float]) -> float:
    total = sum(wholes)
    return sum(parts) / total if total else math.nan


def need(results: Results, *names: str) -> None:
    """Check that settings vary in a sweep.

    Raises:
        SettingError: a setting does not vary.
    """
    varies = ["policy", "world", *results.manifest.varies]
    for name in names:
        if name not in varies:
            raise SettingError(f"{name} does not vary in the sweep: {nearest(name, varies)}")


def numeric(rows: Sequence[Row], *names: str) -> None:
    """Turn an axis's values into numbers; times and rates given as text are converted.

    Converted values count in the unit of the first one, and carry it
    (`plandrift.sim.settings.real_time.InUnit`).

    Raises:
        SettingError: a value of the setting is not a number.
    """
    for name in names:
        units = [unit_of(row[name]) for row in rows if isinstance(row[name], str)]
        if rows and len(units) == len(rows) and all(units):
            unit = next(one[0] for one in units if one)
            for row in rows:
                row[name] = InUnit.of(row[name], unit)
        for row in rows:
            if isinstance(row[name], bool) or not isinstance(row[name], int | float):
                raise SettingError(f"{name} = {row[name]}: an axis needs numbers: choose another setting")


def at_horizon(metric: str, first: Sequence[float], second: Sequence[float]) -> Ruling | None:
    """Return the ruling that prevents a comparison if the horizon cut off its two sides unequally.

    It is `NOT_COMPARABLE` if the share cut off is above `CUT` on one side and the two shares differ
    significantly: the difference in the metric may then be caused by the horizon.

    Args:
        metric: the metric being compared.
        first: `cut_off` of the first side, seed by seed.
        second: `cut_off` of the second side, seed by seed.
    """
    shares = [float(np.mean(side or [0.0])) for side in (first, second)]
    if metric == "cut_off" or max(shares) <= CUT:
        return None
    apart = paired(first, second, bounds=apart_bounds("cut_off")).difference
    if not (apart.low > 0 or apart.high < 0):
        return None
    return Ruling(NOT_COMPARABLE, f"it cut off {shares[0]:.1%} and {shares[1]:.1%}")


def cut_shown(rows: Sequence[Row]) -> list[Row]:
    """Return a table's rows, keeping the `cut_off` columns only if one of their values is above `CUT`."""
    named = {name for row in rows for name in row if name == "cut_off" or name.startswith("cut_off at ")}
    if any(row[name] > CUT for row in rows for name in named):
        return list(rows)
    return [{name: value for name, value in row.items() if name not in named} for row in rows]


def _between(results: Results, text: str) -> tuple[str, Any, Any]:
    name, values = chosen_values(results, text, "--between")
    if len(values) != 2:
        raise SettingError(f"--between {text}: give a setting and two values, such as policy=gated,warn")
    words = column_of([one.value(name) for one in results.manifest.conditions]).dtype == object
    first, second = (value_text(v) if words else v for v in values)
    return name, first, second


def _check(results: Results, by: Sequence[str], metrics: Sequence[str]) -> None:
    known = groupable(results)
    for name in by:
        if name not in known:
            raise SettingError(f"--by {name}: it does not vary in this sweep: {nearest(name, known)}")
    for metric in metrics:
        check_metric(results, metric)
    if len(set(by)) < len(by):
        raise SettingError(f"--by {','.join(by)}: give each name once")


def _list(by: Sequence[str], table: str = "") -> str:
    return "".join(f'{table}"{name}", ' for name in by)


def _group(by: Sequence[str]) -> str:
    return "group by " + ", ".join(f'"{name}"' for name in by) if by else ""


def _row(metric: str, interval: Interval, episodes: int, without: int) -> Row:
    return {
        "metric": metric,
        "mean": interval.mean,
        "low": interval.low,
        "high": interval.high,
        "n": interval.n,
        "few": interval.carried_by,
        "episodes": episodes,
        "without": without,
    }


def _order(results: Results, by: Sequence[str]) -> Callable[[Row], list[int]]:
    """Return a sort key that follows the order of the settings' values; words keep the spec's order."""
    places = {}
    for name in by:
        values = in_order(one.value(name) for one in results.manifest.conditions)
        places[name] = {value_text(value): place for place, value in enumerate(values)}
    return lambda row: [places[name][value_text(row[name])] for name in by]
