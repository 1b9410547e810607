"""A metric against a setting: lines with bands, markers and names at their ends, theory, the floor."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from textwrap import fill
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from plandrift.experiments.analysis.tables import Row
from plandrift.experiments.figures.labels import axis_of, facet_of, short, title_of, unit_of
from plandrift.experiments.figures.looks import FAINT, INK, NOTE, looks
from plandrift.experiments.figures.style import broken, label_ends, room, settle, style
from plandrift.experiments.sweeps.plain_values import value_text
from plandrift.sim.settings.real_time import InUnit

TheoryByGroup = Mapping[str, Sequence[tuple[float, float]]]
"""Points (x, y) of the theoretical curve, by group."""


def draw_lines(
    axes: Axes,
    rows: Sequence[Row],
    x: str,
    by: str,
    *,
    theory: TheoryByGroup | None = None,
    floor: Sequence[tuple[float, float]] = (),
    top: float | None = None,
    world: str = "",
) -> None:
    """Draw one metric's rows on these axes, with each line's 95 % band.

    Args:
        axes: the axes to draw on.
        rows: rows of `plandrift.experiments.analysis.tables.table` for one metric.
        x: the setting on the horizontal axis; its values are numbers.
        by: the setting with one line per value.
        theory: curves drawn as thin lines that the points should meet.
        floor: lower limit for any policy with that latency; the area below is shaded.
        top: upper end of the axis, if several panels share it.
        world: the world whose volatility it is, if there is only one.
    """
    groups = list(dict.fromkeys(value_text(row[by]) for row in rows))
    called = short(groups)
    look = looks([called[name] for name in groups])
    # Theory counts in units of time, but the axis may use another unit.
    factor = next((row[x].factor for row in rows if isinstance(row[x], InUnit)), 1.0)
    ends: list[tuple[float, float, str, str]] = []
    drawn: dict[str, list[tuple[float, float]]] = {}
    for name in groups:
        points = [row for row in rows if value_text(row[by]) == name and not math.isnan(row["mean"])]
        if not points:
            continue
        points.sort(key=lambda row: float(row[x]))
        at = [float(row[x]) for row in points]
        mean = [row["mean"] for row in points]
        low, high = ([row[end] for row in points] for end in ("low", "high"))
        one = look[called[name]]
        if len(at) > 1:
            axes.fill_between(at, low, high, color=one.colour, alpha=0.2, linewidth=0)
        else:
            axes.vlines(at, low, high, color=one.colour, linewidth=3)
        axes.plot(
            at,
            mean,
            color=one.colour,
            marker=one.marker,
            linestyle=one.dash,
            clip_on=False,
            label=called[name],
        )
        if theory and theory.get(name):
            curve = np.array(theory[name])
            axes.plot(
                curve[:, 0] * factor,
                curve[:, 1],
                color=INK,
                linewidth=1.1,
                zorder=5,
                label=f"theory of {name}",
            )
        ends.append((at[-1], mean[-1], called[name], one.colour))
        drawn[called[name]] = list(zip(at, mean, strict=True))
    # Positions in a plan are whole numbers, and time advances by one per step.
    if x != "step" and all(float(row[x]) > 0 for row in rows) and _wide([float(row[x]) for row in rows]):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
    if len({float(row[x]) for row in rows}) == 1:
        axes.set_xticks([float(rows[0][x])], [f"{float(rows[0][x]):g}"])
    axes.set_ylim(0, top or top_of(rows))
    if floor:
        curve = np.array(floor) * (factor, 1.0)
        axes.fill_between(curve[:, 0], 0, curve[:, 1], color=FAINT, alpha=0.25, linewidth=0, zorder=0)
        middle = curve[len(curve) * 3 // 4]
        axes.annotate(
            "out of reach\nfor news this late",
            (middle[0], middle[1] / 2),
            ha="center",
            va="center",
            fontsize=10.5,
            color=NOTE,
        )
    name = axis_of(x, world, [row[x] for row in rows]) + (", log axis" if axes.get_xscale() == "log" else "")
    axes.set_xlabel(broken(name, room(7), 13), loc="left")
    # The limits are final from here on, so that labels can be placed.
    settle(axes)
    if ends:
        hidden = _hidden(drawn, axes.get_ylim()[1])
        label_ends(axes, [(x, y, name + " (same)" * (name in hidden), c) for x, y, name, c in ends])


def _hidden(drawn: Mapping[str, Sequence[tuple[float, float]]], top: float) -> set[str]:
    """Return the lines that lie on another one from end to end and are therefore invisible."""
    names = list(drawn)
    return {
        name
        for i, name in enumerate(names)
        for other in names
        if other != name
        and (names.index(other) < i or not _on(drawn[other], drawn[name], top))
        and _on(drawn[name], drawn[other], top)
    }


def _on(one: Sequence[tuple[float, float]], other: Sequence[tuple[float, float]], top: float) -> bool:
    places = dict(other)
    return all(x in places and abs(y - places[x]) < 0.006 * top for x, y in one)


def head(axes: Axes, title: str, unit: str = "", left: float = 0.0) -> None:
    """Write a panel's heading and, below it, its unit, as large as the width allows.

    Args:
        axes: the panel.
        title: the heading.
        unit: the unit or quantity counted.
        left: where both begin, as a share of the panel's width.
    """
    size = 15.0
    if room(math.inf) < math.inf:
        assert isinstance(axes.figure, Figure)
        place, width = axes.get_position(), axes.figure.get_size_inches()[0]
        inches = min(4.8 - left * place.width * width, width * (1 - place.x0 - left * place.width) - 0.1)
        unit = broken(unit, inches, 11)
        size = max(10.0, min(size, inches * 72 / (0.66 * max(1, len(title)))))
    beneath = math.ceil((1 + unit.count("\n")) * 11.5 / size)
    axes.set_title(title + "\n" * beneath, pad=2, fontsize=size, x=left)
    axes.text(left, 1.015, unit, transform=axes.transAxes, fontsize=11.5, color=NOTE, va="bottom")


def sheet(count: int, title: str, note: str = "", across: int = 3) -> tuple[Figure, list[Axes]]:
    """Return a figure with `count` panels, a title above and a note below; call within `style`."""
    columns = max(1, min(count, across, int(room(6.1 * across) / NARROW)))
    rows = -(-count // columns)
    width = room(6.1 * columns)
    size = 20 if columns > 1 else 16
    words = broken(title, width - 0.6, size)
    if "\n" in words:
        words, size = broken(title, width - 0.6, 14), 14
    top = 1.45 + 0.25 * max(0, words.count("\n") - 1)
    lines = note_lines(note, width)
    natural = width == 6.1 * columns
    foot = (0.95 if natural else 1.2) + 0.2 * lines
    height = (5.4 if natural else 4.4) * rows + top - 0.85 + 0.2 * lines
    figure, panels = plt.subplots(rows, columns, figsize=(width, height), squeeze=False)
    figure.subplots_adjust(
        left=0.35 / width + 0.03 if columns > 2 else 0.85 / width,
        right=1 - 1.45 / width,
        top=1 - top / height,
        bottom=foot / height,
        wspace=0.42,
        hspace=0.5,
    )
    left = figure.subplotpars.left
    figure.suptitle(words, x=left, y=1 - 0.18 / height, va="top", ha="left", fontsize=size, fontweight="bold")
    write_note(figure, note, left)
    flat = [axes for row in panels for axes in row]
    for axes in flat[count:]:
        axes.set_axis_off()
    return figure, flat[:count]


NARROW = 5.3
"""The minimum width of a panel in inches."""

NOTE_LETTERS = 11.8
"""How many characters of a note fit in an inch."""


def note_lines(note: str, width: float) -> int:
    """Return how many lines a note takes beyond its first, on a figure of this width in inches."""
    return fill(note, int(0.97 * width * NOTE_LETTERS)).count("\n")


def write_note(figure: Figure, note: str, left: float = 0.025) -> None:
    """Write the small print at the foot of a figure, wrapped to its width."""
    width, height = figure.get_size_inches()
    letters = int((1 - left) * width * NOTE_LETTERS)
    figure.text(left, 0.1 / height, fill(note, letters), fontsize=10.5, color=NOTE, va="bottom")


class PanelRow(NamedTuple):
    """A row of panels.

    Attributes:
        label: what distinguishes it; empty if there is only one.
        rows: rows of `plandrift.experiments.analysis.tables.table` by policy and the setting on the axis.
        theory: curves, by metric and policy.
        floor: the lowest value that any agent with this information can reach, by metric.
    """

    label: str
    rows: Sequence[Row]
    theory: Mapping[str, TheoryByGroup]
    floor: Mapping[str, Sequence[tuple[float, float]]]


def panel_rows(
    given: Sequence[PanelRow],
    title: str,
    note: str,
    metrics: Sequence[str],
    x: str = "volatility",
    world: str = "",
) -> Figure:
    """Draw metrics against a setting: a panel per metric, a line per policy, a row per part of the sweep.

    Args:
        given: the rows of panels.
        title: the question.
        note: the small print on what was run.
        metrics: the metrics, one panel each.
        x: the setting on the horizontal axis.
        world: the world whose volatility it is, if there is only one.
    """
    across = min(4, len(metrics)) if len(given) > 1 or len(metrics) > 4 else 2 if len(metrics) == 4 else 3
    with style():
        figure, panels = sheet(len(metrics) * len(given), title, note, across)
        places = iter(panels)
        for one in given:
            for metric in metrics:
                axes = next(places)
                here = [row for row in one.rows if row["metric"] == metric]
                every = [row for other in given for row in other.rows if row["metric"] == metric]
                draw_lines(
                    axes,
                    here,
                    x,
                    "policy",
                    theory=one.theory.get(metric),
                    floor=one.floor.get(metric, ()),
                    top=top_of(every),
                    world=world,
                )
                head(axes, title_of(metric), ", ".join(part for part in (one.label, unit_of(metric)) if part))
    return figure


def lines_figure(
    rows: Sequence[Row],
    title: str,
    note: str = "",
    *,
    x: str,
    y: str,
    by: str,
    facets: Sequence[str] = (),
    theory: Mapping[str, TheoryByGroup] | None = None,
    world: str = "",
) -> Figure:
    """Draw one metric against one setting: a line per group, a panel per value of `facets`.

    Rows of other metrics go into panels below: for a rate, what was achieved.

    Args:
        rows: rows of `plandrift.experiments.analysis.tables.table` by these settings, for this metric.
        title: the question.
        note: the small print on what was run.
        x: the setting on the horizontal axis.
        y: the metric.
        by: the setting with one line per value.
        facets: one setting with a panel per value, or two: the first goes down, the second across.
        theory: curves by the panel's value as text; by "" if there is one panel.
        world: the world whose volatility it is, if there is only one.
    """
    held = [list(dict.fromkeys(row[name] for row in rows)) for name in facets]
    values = list(product(*held))
    metrics = list(dict.fromkeys([y, *(row["metric"] for row in rows)]))
    if len(facets) > 1:
        across = len(held[-1])
    else:
        across = min(3, len(values)) if len(metrics) == 1 else len(values) if len(values) > 1 else 2
    with style():
        figure, panels = sheet(len(values) * len(metrics), title, note, across)
        places = iter(panels)
        for metric in metrics:
            every = [row for row in rows if row["metric"] == metric]
            for value in values:
                axes = next(places)
                here = [row for row in every if all(row[n] == v for n, v in zip(facets, value, strict=True))]
                if not here:
                    axes.set_axis_off()
                    continue
                label = ", ".join(facet_of(n, v) for n, v in zip(facets, value, strict=True))
                curves = (theory or {}).get(value_text(value[0]) if facets else "") if metric == y else None
                draw_lines(axes, here, x, by, theory=curves, top=top_of(every), world=world)
                heading = f"{title_of(metric)}: {unit_of(metric)}" if facets else unit_of(metric)
                head(axes, label or title_of(metric), heading)
    return figure


def top_of(rows: Sequence[Row]) -> float:
    """Return the upper end of an axis for these rows: 1 for shares that come near it."""
    top = max((row["high"] for row in rows if not math.isnan(row["high"])), default=1.0)
    return 1.0 if 0.5 < top <= 1 else 1.05 * top or 1.0


def _wide(values: Sequence[float]) -> bool:
    return max(values) > 8 * min(values)
