"""A metric against a setting, a line a group: bands, markers, names at the lines' ends."""

from __future__ import annotations

import math
from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from experiments.figures.style import label_ends, looks, style
from experiments.tables import Row

TITLES = {
    "plan_staleness": "Plan staleness",
    "misfire_rate": "Misfire rate",
    "replans": "Replans",
}
"""What a figure calls a metric, where its name alone will not do."""

UNITS = {
    "plan_staleness": "share of the steps left that are stale",
    "misfire_rate": "misfires per step fired",
    "replans": "per episode",
    "volatility": "volatility (changes per fluent per unit of time, log axis)",
}
"""What stands on an axis, with its unit."""


def draw_lines(axes: Axes, rows: Sequence[Row], x: str, by: str, metric: str) -> None:
    """Draw the rows of one metric on these axes, with the 95 % band of each line."""
    groups = list(dict.fromkeys(str(row[by]) for row in rows))
    look = looks(groups)
    ends = []
    for name in groups:
        points = [row for row in rows if str(row[by]) == name and not math.isnan(row["mean"])]
        if not points:
            continue
        at = [float(row[x]) for row in points]
        mean = [row["mean"] for row in points]
        one = look[name]
        axes.fill_between(
            at,
            [r["low"] for r in points],
            [r["high"] for r in points],
            color=one.colour,
            alpha=0.2,
            linewidth=0,
        )
        axes.plot(
            at, mean, color=one.colour, marker=one.marker, linestyle=one.dash, clip_on=False, label=name
        )
        ends.append((at[-1], mean[-1], name, one.colour))
    if all(float(row[x]) > 0 for row in rows) and _wide([float(row[x]) for row in rows]):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
    top = max((row["high"] for row in rows if not math.isnan(row["high"])), default=1.0)
    axes.set_ylim(0, 1 if 0.5 < top <= 1 else 1.05 * top or 1)
    axes.set_xlabel(UNITS.get(x, x))
    axes.set_title(TITLES.get(metric, metric) + "\n", pad=2)
    axes.text(0, 1.02, UNITS.get(metric, ""), transform=axes.transAxes, fontsize=11.5, color="#555555")
    # The limits of every axes are set from here on, so the labels can find their places.
    assert axes.figure is not None
    axes.figure.canvas.draw()
    if ends:
        label_ends(axes, ends)


def staleness_and_price(
    rows: Sequence[Row],
    title: str,
    note: str = "",
    metrics: Sequence[str] = ("plan_staleness", "misfire_rate", "replans"),
) -> Figure:
    """Plan staleness against volatility, and beside it what it does and what it costs.

    Args:
        rows: of `experiments.tables.table` by policy and volatility, for these metrics.
        title: the question.
        note: what was run, in small letters.
        metrics: a panel each.
    """
    with style():
        figure, panels = plt.subplots(1, len(metrics), figsize=(6.1 * len(metrics), 5.6), squeeze=False)
        figure.subplots_adjust(left=0.045, right=0.925, top=0.77, bottom=0.15, wspace=0.42)
        figure.suptitle(title, x=0.045, y=0.975, ha="left", fontsize=20, fontweight="bold")
        for axes, metric in zip(panels[0], metrics, strict=True):
            draw_lines(axes, [row for row in rows if row["metric"] == metric], "volatility", "policy", metric)
        if note:
            figure.text(0.045, 0.02, note, fontsize=10.5, color="#555555")
    return figure


def _wide(values: Sequence[float]) -> bool:
    return max(values) > 8 * min(values)
