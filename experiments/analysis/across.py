"""A pivoted table: the values of one setting side by side, as in a paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plandrift.experiments.analysis.tables import Row
from plandrift.experiments.statistics.text import missing, shown
from plandrift.sim import SettingError


def across(
    rows: Sequence[Row], setting: str, by: Sequence[str], *, intervals: bool = True, words: bool = True
) -> list[Row]:
    """Return a row per group and metric, with a column for each value of a setting.

    Args:
        rows: rows of `plandrift.experiments.analysis.tables.table`, grouped by `setting` and `by`.
        setting: the setting whose values become columns.
        by: the settings that distinguish the rows.
        intervals: whether to include the ends of the 95 % interval.
        words: whether to write an estimate and its interval as one text, ``0.12 [0.10, 0.15]``; otherwise
            they are numbers, with the ends in columns of their own such as ``gated low``.

    Raises:
        SettingError: two columns would have the same name.
    """
    names = {shown(row[setting]): row[setting] for row in rows}
    if len(names) < len({row[setting] for row in rows}) or {*names} & {*by, "metric"}:
        raise SettingError(
            f"--across {setting}: two columns would have the same name: choose another setting"
        )
    metrics = list(dict.fromkeys(row["metric"] for row in rows))
    decimals = {metric: _decimals([row for row in rows if row["metric"] == metric]) for metric in metrics}
    ends = ["low", "high"] if intervals else []
    turned: dict[tuple[Any, ...], Row] = {}
    for row in sorted(rows, key=lambda row: metrics.index(row["metric"])):
        group = {name: row[name] for name in by} | {"metric": row["metric"]}
        held = turned.setdefault(tuple(group.values()), group)
        name = shown(row[setting])
        if words:
            held[name] = _text(row, decimals[row["metric"]], intervals)
        else:
            held[name] = row["mean"]
            held |= {f"{name} {end}": row[end] for end in ends}
    columns = [f"{name} {end}".strip() for name in names for end in (["", *ends] if not words else [""])]
    groups = [*by, "metric"]
    return [{name: row.get(name) for name in (*groups, *columns)} for row in turned.values()]


def _text(row: Row, decimals: int, intervals: bool) -> str:
    # Rounded before formatting, so that a zero has no sign.
    mean, *ends = (
        f"{round(row[name], decimals) + 0.0:.{decimals}f}" if not missing(row[name]) else ""
        for name in ("mean", "low", "high")
    )
    if not mean:
        return "–"
    return f"{mean} [{', '.join(ends)}]" if intervals and all(ends) else mean


def _decimals(rows: Sequence[Row]) -> int:
    """Return the number of decimals: three for shares, fewer for larger values."""
    most = max((abs(row["mean"]) for row in rows if not missing(row["mean"])), default=0.0)
    return 3 if most <= 1 else 2 if most < 100 else 1
