"""What goes wrong as the world changes faster: one panel above the other, coinciding lines as one band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import NamedTuple

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plandrift.experiments.analysis.tables import Row
from plandrift.experiments.figures.labels import title_of, unit_of
from plandrift.experiments.figures.lines import head, note_lines, top_of, write_note
from plandrift.experiments.figures.looks import FAINT, NOTE, looks
from plandrift.experiments.figures.style import label_ends, room, settle, style

WIDTH, HEIGHT = 7.2, 9.4
"""Width in inches, narrow enough for the text to be legible on a phone."""

ALIKE = 0.06
"""Lines that stay closer than this share of the axis are drawn as one band."""


class _Line(NamedTuple):
    """A policy's means along the axis, with the ends of their intervals."""

    mean: list[float]
    low: list[float]
    high: list[float]


def headline_figure(
    rows: Sequence[Row],
    title: str,
    note: str,
    metrics: Sequence[str],
    step_duration: float = 1.0,
) -> Figure:
    """Draw two panels against volatility, one line per policy with its 95 % band.

    Args:
        rows: rows of `plandrift.experiments.analysis.tables.table` by policy and volatility.
        title: the finding, in a sentence.
        note: the small print on what was run.
        metrics: the metrics, one panel each.
        step_duration: duration of a step, with which the axis shows the steps between two changes.
    """
    with style():
        width = room(WIDTH)
        figure, panels = plt.subplots(len(metrics), 1, figsize=(width, HEIGHT), squeeze=False, sharex=True)
        lines = note_lines(note, width)
        words = fill(title, int(7.2 * width))
        figure.subplots_adjust(
            left=0.6 / width,
            right=1 - 1.75 / width,
            top=1 - (1.05 + 0.26 * words.count("\n")) / HEIGHT,
            bottom=(1.25 + 0.2 * lines) / HEIGHT,
            hspace=0.34,
        )
        figure.suptitle(
            words, x=0.025, y=1 - 0.12 / HEIGHT, va="top", ha="left", fontsize=16, fontweight="bold"
        )
        write_note(figure, note)
        for axes, metric in zip(panels[:, 0], metrics, strict=True):
            _draw(axes, [row for row in rows if row["metric"] == metric])
            head(axes, title_of(metric), unit_of(metric))
        bottom = panels[-1, 0]
        places = sorted({float(row["volatility"]) for row in rows})
        if width < WIDTH:
            places = places[::2]
        bottom.set_xticks(places, [f"{v:.3g}\n{_shown(1 / v / step_duration)}" for v in places])
        bottom.set_xlabel(
            "volatility: changes per fluent per unit of time\n(below: steps between two changes)",
            loc="left",
        )
    return figure


def alike(lines: Mapping[str, Sequence[float]], within: float) -> list[list[str]]:
    """Group the names whose lines stay closer than `within` to the first line of their group.

    >>> alike({"a": [0, 1], "b": [0, 5], "c": [0.1, 1.1]}, 0.2)
    [['a', 'c'], ['b']]
    """
    groups: list[list[str]] = []
    for name, line in lines.items():
        for group in groups:
            if all(abs(y - other) < within for y, other in zip(line, lines[group[0]], strict=True)):
                group.append(name)
                break
        else:
            groups.append([name])
    return groups


def _shown(steps: float) -> str:
    return f"{round(steps, -1) if steps > 200 else round(steps):,g}"


def _draw(axes: Axes, rows: Sequence[Row]) -> None:
    at = sorted({float(row["volatility"]) for row in rows})
    top = top_of(rows)
    lines = {}
    for policy in dict.fromkeys(row["policy"] for row in rows):
        points = sorted((row for row in rows if row["policy"] == policy), key=lambda row: row["volatility"])
        lines[policy] = _Line(*([row[end] for row in points] for end in ("mean", "low", "high")))
    look = looks(list(lines))
    axes.set_xscale("log")
    axes.set_ylim(0, top)
    axes.set_xlim(at[0], at[-1])
    ends = []
    for group in alike({name: line.mean for name, line in lines.items()}, ALIKE * top):
        members = [lines[name] for name in group]
        one = look[group[0]] if len(group) == 1 else None
        low = [min(values) for values in zip(*(line.low for line in members), strict=True)]
        high = [max(values) for values in zip(*(line.high for line in members), strict=True)]
        if one is None:
            axes.fill_between(at, low, high, color=FAINT, alpha=0.6, linewidth=1.5)
        else:
            axes.fill_between(at, low, high, color=one.colour, alpha=0.2, linewidth=0)
            (line,) = members
            axes.plot(at, line.mean, color=one.colour, marker=one.marker, linestyle=one.dash, clip_on=False)
        middle = sum(line.mean[-1] for line in members) / len(members)
        words = fill(", ".join(group), 13, break_on_hyphens=False)
        ends.append((at[-1], middle, words, NOTE if one is None else one.colour))
    axes.minorticks_off()
    settle(axes)
    label_ends(axes, ends)
