"""Tables of a sweep: each group's mean with its interval, and differences pair by pair.

Every condition of a sweep meets the same seeds, so episodes of one seed are no independent witnesses:
where a group takes several conditions together, their mean on one seed is one value. `n` counts seeds,
`episodes` counts episodes. Sums are taken in the order of conditions and seeds, so that they are the same
to the last digit however the rows were written and read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.statistics.intervals import (
    BINARY,
    Interval,
    bootstrap_interval,
    from_moments,
    paired,
    quantile_interval,
    share_interval,
)
from experiments.sweeps.results import Results
from sim import SettingError
from sim.errors import nearest

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]

STATISTICS = ("mean", "bootstrap", "median", "quantile")


def table(
    results: Results,
    by: Sequence[str],
    metrics: Sequence[str],
    statistic: str = "mean",
    share: float = 0.9,
) -> list[Row]:
    """A row a group and metric: the group's settings, `metric`, the estimate, `low`, `high`, `n`, `episodes`.

    Args:
        results: a sweep's folder.
        by: what to group by: `world`, `policy`, settings that vary.
        metrics: by name.
        statistic: ``mean`` (t interval, Wilson's for a metric that is 0 or 1), ``bootstrap`` (mean with
            the BCa interval), ``median`` or ``quantile`` (with the interval of order statistics).
        share: which quantile.

    Raises:
        SettingError: a name is unknown.
    """
    _check(results, by, metrics)
    if statistic not in STATISTICS:
        raise SettingError(f"statistic {statistic!r}: {nearest(statistic, STATISTICS)}")
    if not 0 < share < 1:
        raise SettingError(f"quantile {share:g}: give a share above 0 and below 1")
    rows: list[Row] = []
    with results.connect() as connection:
        for metric in metrics:
            rows += (
                _means(connection, by, metric)
                if statistic == "mean"
                else _others(connection, by, metric, statistic, share)
            )
    rows.sort(key=_order(results, by))
    return rows


def _means(connection: duckdb.DuckDBPyConnection, by: Sequence[str], metric: str) -> list[Row]:
    found = connection.execute(
        f"select {_list(by, '')} count(*), avg(value order by seed), stddev_samp(value order by seed), "
        f"sum(episodes), sum(value order by seed) "
        f"from ({_per_seed(by, metric)}) {_group(by)}"
    ).fetchall()
    rows = []
    for row in found:
        n, mean, deviation, episodes, total = row[len(by) :]
        if metric in BINARY and episodes == n:
            interval = share_interval(round(total), n)
        else:
            missing = deviation is None
            interval = from_moments(n, math.nan if mean is None else mean, math.nan if missing else deviation)
        rows.append(_row(by, row, metric, interval, int(episodes or 0)))
    return rows


def _others(
    connection: duckdb.DuckDBPyConnection, by: Sequence[str], metric: str, statistic: str, share: float
) -> list[Row]:
    found = connection.execute(
        f"select {_list(by, '')} list(value order by seed), sum(episodes) "
        f"from ({_per_seed(by, metric)}) {_group(by)}"
    ).fetchall()
    rows = []
    for row in found:
        values = np.array(row[len(by)] or [], float)
        if statistic == "bootstrap":
            interval = bootstrap_interval(values)
        else:
            interval = quantile_interval(values, 0.5 if statistic == "median" else share)
        rows.append(_row(by, row, metric, interval, int(row[len(by) + 1] or 0)))
    return rows


def compare(
    results: Results, between: str, metric: str, by: Sequence[str] = (), level: float = 0.95
) -> list[Row]:
    """Differences of a metric between two values of one setting, first minus second, paired by seed.

    Args:
        results: a sweep's folder.
        between: ``policy=gated,replan-each``.
        metric: by name.
        by: what to group by.
        level: of the intervals.

    A row has the group's settings, both means, `difference`, `low`, `high`, `n` (pairs of seeds),
    `narrower` (how often narrower the pairing made the interval) and `verdict`.

    Raises:
        SettingError: a name is unknown, or a value does not stand in the sweep.
    """
    name, first, second = _between(results, between)
    _check(results, [name, *by], [metric])
    if name in by:
        raise SettingError(f"--by {name}: it is what is compared: group by something else")
    others = [n for n in _groupable(results) if n not in (name, *by)]
    match = " and ".join(f'a."{n}" is not distinct from b."{n}"' for n in ("seed", *by, *others))
    with results.connect() as connection:
        found = connection.execute(
            f"select {_list(by, '')} list(a), list(b) from ("
            f"select {_list(by, 'a.')} a.seed, avg(a.{metric} order by a.condition) as a, "
            f"avg(b.{metric} order by a.condition) as b "
            f'from episodes a join episodes b on {match} and a."{name}" = ? and b."{name}" = ? '
            f"where not isnan(a.{metric}::double) and not isnan(b.{metric}::double) "
            f"group by {_list(by, 'a.')} a.seed order by a.seed) {_group(by)}",
            [first, second],
        ).fetchall()
    rows = []
    for row in found:
        pair = paired(row[len(by)] or [], row[len(by) + 1] or [], level)
        rows.append(
            dict(zip(by, row, strict=False))
            | {
                f"{metric} at {_shown(first)}": float(np.mean(row[len(by)] or [math.nan])),
                f"{metric} at {_shown(second)}": float(np.mean(row[len(by) + 1] or [math.nan])),
                "difference": pair.difference.mean,
                "low": pair.difference.low,
                "high": pair.difference.high,
                "n": pair.difference.n,
                "narrower": pair.gain,
                "verdict": verdict(pair.difference),
            }
        )
    if not rows:
        raise SettingError(f"--between {between}: no two episodes of one seed to compare yet")
    rows.sort(key=_order(results, by))
    return rows


def need(results: Results, *names: str) -> None:
    """Refuse settings that do not vary in a sweep.

    Raises:
        SettingError: one does not.
    """
    varies = ["policy", "world", *results.manifest.varies]
    for name in names:
        if name not in varies:
            raise SettingError(f"{name} does not vary in the sweep: {nearest(name, varies)}")


def numeric(rows: Sequence[Row], *names: str) -> None:
    """Refuse rows for an axis whose values are no numbers.

    Raises:
        SettingError: a value of the setting is none.
    """
    for name in names:
        for row in rows:
            if isinstance(row[name], bool) or not isinstance(row[name], int | float):
                raise SettingError(f"{name} = {row[name]}: an axis takes numbers: choose another setting")


def verdict(difference: Interval) -> str:
    """What an interval of a difference decides: ``more``, ``less``, ``equal`` or ``not decided``."""
    if math.isnan(difference.low):
        return "not decided"
    if difference.low == difference.high == 0:
        return "equal"
    if difference.low > 0:
        return "more"
    return "less" if difference.high < 0 else "not decided"


def _between(results: Results, text: str) -> tuple[str, Any, Any]:
    name, _, values = text.partition("=")
    # A policy's arguments have commas of their own.
    parts = [part.strip() for part in re.split(r",(?![^(]*\))", values)]
    name = name.strip()
    if len(parts) != 2 or not all(parts):
        raise SettingError(f"--between {text}: give a setting and two values, such as policy=gated,warn")
    if name not in _groupable(results):
        raise SettingError(f"--between {text}: {name!r} does not vary: {nearest(name, _groupable(results))}")
    held = {_shown(v): v for v in (one.value(name) for one in results.manifest.conditions)}
    for part in parts:
        if part not in held and not any(_same(part, v) for v in held.values()):
            raise SettingError(f"--between {text}: no condition has {name} = {part}: {nearest(part, held)}")
    chosen = [held[p] if p in held else next(v for v in held.values() if _same(p, v)) for p in parts]
    text_column = any(isinstance(v, str) for v in held.values())
    first, second = (_shown(v) if text_column else v for v in chosen)
    return name, first, second


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _same(text: str, value: Any) -> bool:
    if isinstance(value, bool):
        return text.lower() == _shown(value)
    try:
        return not isinstance(value, str) and float(text) == float(value)
    except ValueError:
        return False


def _groupable(results: Results) -> list[str]:
    return ["world", "policy", *results.manifest.varies]


def _check(results: Results, by: Sequence[str], metrics: Sequence[str]) -> None:
    known = _groupable(results)
    for name in by:
        if name not in known:
            raise SettingError(f"--by {name}: it does not vary in this sweep: {nearest(name, known)}")
    for metric in metrics:
        if metric not in results.manifest.metrics:
            raise SettingError(
                f"--metric {metric}: no such metric: {nearest(metric, results.manifest.metrics)}"
            )
    if len(set(by)) < len(by):
        raise SettingError(f"--by {','.join(by)}: give each name once")


def _list(by: Sequence[str], table: str) -> str:
    return "".join(f'{table}"{name}", ' for name in by)


def _group(by: Sequence[str]) -> str:
    return "group by " + ", ".join(f'"{name}"' for name in by) if by else ""


def _per_seed(by: Sequence[str], metric: str) -> str:
    known = f"filter (not isnan({metric}::double))"
    return (
        f"select {_list(by, '')} seed, avg({metric} order by condition) {known} as value, "
        f"count(*) {known} as episodes "
        f"from episodes group by {_list(by, '')} seed having episodes > 0"
    )


def _row(by: Sequence[str], row: Sequence[Any], metric: str, interval: Interval, episodes: int) -> Row:
    return dict(zip(by, row, strict=False)) | {
        "metric": metric,
        "mean": interval.mean,
        "low": interval.low,
        "high": interval.high,
        "n": interval.n,
        "episodes": episodes,
    }


def _order(results: Results, by: Sequence[str]) -> Any:
    """Numbers by size, words in the order of the spec."""
    places = {
        name: {
            v: i for i, v in reversed(list(enumerate(one.value(name) for one in results.manifest.conditions)))
        }
        for name in by
    }

    def key(row: Row) -> list[Any]:
        words = []
        for name in by:
            value = row[name]
            words.append((0, value) if isinstance(value, float) else (1, places[name].get(value, 0)))
        return words

    return key
