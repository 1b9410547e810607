"""A figure on log-log axes, with the diagonal on which each further agent adds as much as the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from plandrift.experiments.figures.labels import axis_of, title_of, unit_of
from plandrift.experiments.figures.lines import head, sheet
from plandrift.experiments.figures.looks import FAINT, NOTE, looks
from plandrift.experiments.figures.style import label_ends, settle, style

LEAST = 0.1
"""The least value that is drawn; what lies below is drawn there."""


class CrewPanel(NamedTuple):
    """One panel.

    Attributes:
        label: what distinguishes it; empty if there is only one.
        lines: for each line, its points: the number of agents, the mean, and the ends of its interval.
    """

    label: str
    lines: Mapping[str, Sequence[tuple[float, float, float, float]]]


def crew_figure(panels: Sequence[CrewPanel], title: str, note: str, y: str) -> Figure:
    """Draw a metric against the number of agents, one line per way to coordinate."""
    look = looks(list(dict.fromkeys(name for panel in panels for name in panel.lines)))
    top = max([high for panel in panels for line in panel.lines.values() for *_, high in line])
    with style():
        figure, every = sheet(len(panels), title, note, 2)
        for axes, panel in zip(every, panels, strict=True):
            _axes(axes, max(top, 2.0), panel)
            ends = []
            for name, line in panel.lines.items():
                at, mean, low, high = ([max(point[i], LEAST) for point in line] for i in range(4))
                one = look[name]
                axes.fill_between(at, low, high, color=one.colour, alpha=0.2, linewidth=0)
                axes.plot(at, mean, color=one.colour, marker=one.marker, linestyle=one.dash, clip_on=False)
                ends.append((at[-1], mean[-1], name, one.colour))
            settle(axes)
            label_ends(axes, ends)
            head(axes, panel.label or title_of(y), unit_of(y) if not panel.label else title_of(y))
    return figure


def _axes(axes: Axes, top: float, panel: CrewPanel) -> None:
    """Set the axes up, and draw the diagonal."""
    counts = sorted({point[0] for line in panel.lines.values() for point in line})
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(counts)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_formatter(NullFormatter())
    axes.set_ylim(LEAST, 1.3 * top)
    axes.set_xlim(counts[0], max(counts[-1], counts[0] * 1.01))
    axes.plot(counts, counts, color=FAINT, linewidth=1.5, zorder=0)
    end = min(counts[-1], top)
    words = "each agent adds one"
    axes.annotate(words, (end, end), (-8, 2), textcoords="offset points", ha="right", color=NOTE)
    axes.set_xlabel(axis_of("crew.agents", "", counts) + ", log axis", loc="left")
