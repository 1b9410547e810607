"""Maps over two settings: the best policy and its margin, and one metric as a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from plandrift.experiments.analysis.best import BestCell
from plandrift.experiments.analysis.tables import Row
from plandrift.experiments.figures.labels import axis_of, title_of, unit_of
from plandrift.experiments.figures.lines import head, note_lines, sheet, write_note
from plandrift.experiments.figures.looks import INK, looks
from plandrift.experiments.figures.style import broken, points, room, style
from plandrift.experiments.sweeps.plain_values import value_text

KEY_COLUMNS = 3
"""How many names fit side by side below a map whose cells have no room for them."""

FAINT_CELL = "#e4e4e4"
"""The colour of a cell without a best policy."""


def best_figure(
    cells: Sequence[BestCell], title: str, note: str = "", *, x: str, y: str, metric: str
) -> Figure:
    """Draw the best policy per cell and its margin; hatched where others do not differ significantly.

    Args:
        cells: one cell for each pair of values.
        title: the question.
        note: the small print on what was run.
        x: the setting on the horizontal axis.
        y: the setting on the vertical axis.
        metric: the metric by which policies are judged.
    """
    names = list(dict.fromkeys(name for cell in cells for name in (cell.best, *cell.tied)))
    look = looks(names)
    columns, rows = (sorted({getattr(cell, end) for cell in cells}) for end in ("x", "y"))
    with style():
        natural = 2.6 + 1.75 * len(columns)
        width = room(natural)
        words = broken(title, width - 0.6, 17)
        lines, key = note_lines(note, width), [] if width == natural else names
        top = 1.35 + 0.28 * words.count("\n")
        along = broken(axis_of(x, values=columns), width - 1.3, 13)
        foot = 1.05 + 0.2 * lines + 0.25 * along.count("\n") + 0.3 * -(-len(key) // KEY_COLUMNS)
        figure, axes = plt.subplots(figsize=(width, top + foot + 0.2 + 0.95 * len(rows)))
        height = figure.get_size_inches()[1]
        figure.subplots_adjust(
            left=1.15 / width, right=1 - 0.3 / width, top=1 - top / height, bottom=foot / height
        )
        figure.suptitle(
            words, x=0.3 / width, y=1 - 0.18 / height, va="top", ha="left", fontsize=17, fontweight="bold"
        )
        for cell in cells:
            i, j = columns.index(cell.x), rows.index(cell.y)
            colour = _pale(look[cell.best].colour) if cell.decided else FAINT_CELL
            hatch = "///" if cell.tied and cell.decided else None
            axes.add_patch(
                Rectangle((i, j), 1, 1, facecolor=colour, edgecolor="white", linewidth=2, hatch=hatch)
            )
            if key and cell.decided:
                mark = look[cell.best]
                axes.plot(
                    i + 0.5, j + 0.64, mark.marker, color=mark.dark, markersize=11, markeredgecolor="white"
                )
                text = "tied" if cell.tied else f"{cell.margin:.2g}"
                axes.text(i + 0.5, j + 0.24, text, ha="center", va="center", fontsize=10, color=INK)
                continue
            second_line = f"or {', '.join(cell.tied)}" if cell.tied else f"by {cell.margin:.2g}"
            words = f"{cell.best}\n{fill(second_line, 20, break_on_hyphens=False)}"
            if not cell.decided:
                words = "none" if key else "not\ndecided"
            size = points({0: 11, 1: 11, 2: 9}.get(words.count("\n"), 7.5))
            under = {"facecolor": colour, "edgecolor": "none", "pad": 1.5} if hatch else None
            axes.text(i + 0.5, j + 0.5, words, fontsize=size, color=INK, bbox=under, ha="center", va="center")
        if key:
            axes.legend(
                handles=[
                    Line2D([], [], color=look[n].dark, marker=look[n].marker, ls="", ms=10, label=n)
                    for n in key
                ],
                loc="lower left",
                bbox_to_anchor=(0.2 / width, (0.3 + 0.2 * lines) / height),
                bbox_transform=figure.transFigure,
                ncols=KEY_COLUMNS,
                frameon=False,
                fontsize=11,
            )
        axes.set_xlim(0, len(columns))
        axes.set_ylim(0, len(rows))
        axes.set_xticks(np.arange(len(columns)) + 0.5, [value_text(v) for v in columns])
        axes.set_yticks(np.arange(len(rows)) + 0.5, [value_text(v) for v in rows])
        axes.grid(visible=False)
        axes.set_xlabel(along)
        axes.set_ylabel(axis_of(y, values=rows))
        head(
            axes,
            f"Best by {title_of(metric).lower()}",
            "hatched: tied with others; grey: not decided",
        )
        write_note(figure, note, 0.3 / width)
    return figure


def heat_figure(
    parts: Sequence[tuple[str, Sequence[Row]]],
    title: str,
    note: str = "",
    *,
    x: str,
    y: str,
    metrics: Sequence[str],
) -> Figure:
    """Draw each metric over two settings in a panel, darker for more, with numbers in the cells.

    Args:
        parts: one row of panels each: its label, and the rows of `analysis.tables.table` by x and y for
            these metrics.
        title: the question.
        note: the small print on what was run.
        x: the setting on the horizontal axis.
        y: the setting on the vertical axis.
        metrics: the metrics, one panel each.
    """
    with style():
        figure, panels = sheet(len(metrics) * len(parts), title, note, len(metrics))
        figure.subplots_adjust(right=0.97, wspace=0.28)
        places = iter(panels)
        for label, rows in parts:
            for metric in metrics:
                every = [row["mean"] for _, some in parts for row in some if row["metric"] == metric]
                axes = next(places)
                _heat(axes, [row for row in rows if row["metric"] == metric], x, y, every)
                head(axes, title_of(metric), ", ".join(part for part in (label, unit_of(metric)) if part))
    return figure


def _heat(axes: Axes, rows: Sequence[Row], x: str, y: str, every: Sequence[float]) -> None:
    """Draw one panel; `every` holds all values of the metric, so that shades agree between panels."""
    columns, lines = (sorted({row[name] for row in rows}) for name in (x, y))
    grid = np.full((len(lines), len(columns)), np.nan)
    for row in rows:
        grid[lines.index(float(row[y])), columns.index(float(row[x]))] = row["mean"]
    low, high = float(np.nanmin(every)), float(np.nanmax(every))
    axes.imshow(grid, origin="lower", cmap="cividis_r", aspect="auto", vmin=low, vmax=high)
    for (j, i), value in np.ndenumerate(grid):
        axes.text(
            i,
            j,
            f"{value:.2g}",
            ha="center",
            va="center",
            color="white" if value > (low + high) / 2 else INK,
            fontsize=13,
            fontweight="bold",
        )
    axes.set_xticks(range(len(columns)), [value_text(v) for v in columns])
    axes.set_yticks(range(len(lines)), [value_text(v) for v in lines])
    axes.grid(visible=False)
    axes.set_xlabel(axis_of(x, values=columns))
    axes.set_ylabel(broken(axis_of(y, values=lines), max(3.2, room(7) - 2.2), 11.5), fontsize=11.5)


def _pale(colour: str) -> tuple[float, float, float]:
    red, green, blue = to_rgb(colour)
    return 0.45 + 0.55 * red, 0.45 + 0.55 * green, 0.45 + 0.55 * blue
