"""A metric against a setting, a line a group: bands, markers, names at the lines' ends, theory, the floor."""

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
"""For each group that theory knows, points (x, y) of its curve."""


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
    """Draw the rows of one metric on these axes, with the 95 % band of each line.

    Args:
        axes: to draw on.
        rows: of `plandrift.experiments.analysis.tables.table` for one metric.
        x: the setting along the axis; its values are numbers.
        by: the setting that tells the lines apart.
        theory: drawn as a thin line through the points that it is to meet.
        floor: below this no policy with that latency can get; shaded.
        top: the upper end of the axis, where several panels share it.
        world: whose volatility it is, where it is one world's.
    """
    groups = list(dict.fromkeys(value_text(row[by]) for row in rows))
    called = short(groups)
    look = looks([called[name] for name in groups])
    # Theory knows units of time, and the axis may count in others.
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
    # Places in a plan are counted, and its time goes by one a step.
    if x != "step" and all(float(row[x]) > 0 for row in rows) and _wide([float(row[x]) for row in rows]):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_ylim(0, top or top_of(rows))
    if floor:
        curve = np.array(floor) * (factor, 1.0)
        axes.fill_between(curve[:, 0], 0, curve[:, 1], color=FAINT, alpha=0.25, linewidth=0, zorder=0)
        middle = curve[len(curve) * 3 // 4]
        axes.annotate(
            "out of reach\nof news that late",
            (middle[0], middle[1] / 2),
            ha="center",
            va="center",
            fontsize=10.5,
            color=NOTE,
        )
    name = axis_of(x, world, [row[x] for row in rows]) + (", log axis" if axes.get_xscale() == "log" else "")
    axes.set_xlabel(broken(name, room(7), 13), loc="left")
    # The limits are set from here on, so the labels can find their places.
    settle(axes)
    if ends:
        hidden = _hidden(drawn, axes.get_ylim()[1])
        label_ends(axes, [(x, y, name + " (same)" * (name in hidden), c) for x, y, name, c in ends])


def _hidden(drawn: Mapping[str, Sequence[tuple[float, float]]], top: float) -> set[str]:
    """The lines that lie on another one from end to end, so that nobody sees them."""
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
    """The heading of a panel, and beneath it what it is counted in, as large as the width allows.

    Args:
        axes: the panel.
        title: its heading.
        unit: what it is counted in.
        left: where both begin, in widths of the panel.
    """
    size = 15.0
    if room(math.inf) < math.inf:
        assert axes.figure is not None
        place, width = axes.get_position(), axes.figure.get_figure(root=True).get_size_inches()[0]
        inches = min(4.8 - left * place.width * width, width * (1 - place.x0 - left * place.width) - 0.1)
        unit = broken(unit, inches, 11)
        size = max(10.0, min(size, inches * 72 / (0.66 * max(1, len(title)))))
    beneath = math.ceil((1 + unit.count("\n")) * 11.5 / size)
    axes.set_title(title + "\n" * beneath, pad=2, fontsize=size, x=left)
    axes.text(left, 1.015, unit, transform=axes.transAxes, fontsize=11.5, color=NOTE, va="bottom")


def sheet(count: int, title: str, note: str = "", across: int = 3) -> tuple[Figure, list[Axes]]:
    """A figure of so many panels with a title over them and a note beneath; call within `style`."""
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
"""So many inches a panel has at least."""

NOTE_LETTERS = 12.5
"""So many letters of a note stand on an inch."""


def note_lines(note: str, width: float) -> int:
    """How many lines a note takes beyond its first, on a figure so many inches wide."""
    return fill(note, int(0.97 * width * NOTE_LETTERS)).count("\n")


def write_note(figure: Figure, note: str, left: float = 0.025) -> None:
    """The small letters at the foot of a figure, broken where it ends."""
    width, height = figure.get_size_inches()
    letters = int((1 - left) * width * NOTE_LETTERS)
    figure.text(left, 0.1 / height, fill(note, letters), fontsize=10.5, color=NOTE, va="bottom")


class PanelRow(NamedTuple):
    """One row of panels.

    Attributes:
        label: what is so of it; empty where there is but one.
        rows: of `plandrift.experiments.analysis.tables.table` by policy and the setting along the axis.
        theory: curves by metric and policy.
        floor: the information floor by metric.
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
    """A panel a metric against one setting, a line a policy; a row of them for each part of a sweep.

    Args:
        given: the rows of panels.
        title: the question.
        note: what was run, in small letters.
        metrics: a panel each.
        x: the setting along the axis.
        world: whose volatility it is, where it is one world's.
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
    """One metric against one setting, a line a group, a panel a value of `facets`.

    Rows of other metrics get panels beneath: what was achieved, beneath a rate.

    Args:
        rows: of `plandrift.experiments.analysis.tables.table` by these settings, for this metric.
        title: the question.
        note: what was run, in small letters.
        x: the setting along the axis.
        y: the metric.
        by: the setting that tells the lines apart.
        facets: the settings that tell the panels apart, one or two: then the first down, the second across.
        theory: by the panel's value as text; by "" where there is one panel.
        world: whose volatility it is, where it is one world's.
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
    """The upper end of an axis that holds these rows: 1 for shares that come near it."""
    top = max((row["high"] for row in rows if not math.isnan(row["high"])), default=1.0)
    return 1.0 if 0.5 < top <= 1 else 1.05 * top or 1.0


def _wide(values: Sequence[float]) -> bool:
    return max(values) > 8 * min(values)
