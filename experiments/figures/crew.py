"""A figure on log-log axes, with the diagonal where each additional agent adds as much as the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isnan
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from plandrift.experiments.figures.labels import axis_of, title_of, unit_of
from plandrift.experiments.figures.lines import head, sheet
from plandrift.experiments.figures.looks import FAINT, NOTE, looks
from plandrift.experiments.figures.style import label_ends, settle, style

LEAST = 0.1
"""The smallest value on the axis; smaller values are drawn at it."""


class CrewLine(NamedTuple):
    """One way for agents to work together.

    Attributes:
        name: the coordination, or the policy of agents without one.
        repaired: whether a replan costs only the share of steps that are stale; its markers are open.
        points: the number of agents, the mean, and the ends of its interval, not numbers if it has none.
    """

    name: str
    repaired: bool
    points: Sequence[tuple[float, float, float, float]]

    def drawn(self) -> list[tuple[float, ...]]:
        """Return the agents, means and ends to draw: each as its own sequence, none below `LEAST`."""
        whole = [(n, mean, *(mean if isnan(end) else end for end in ends)) for n, mean, *ends in self.points]
        return [tuple(max(one, LEAST) for one in column) for column in zip(*whole, strict=True)]


class CrewPanel(NamedTuple):
    """One panel.

    Attributes:
        label: what distinguishes it; empty if there is only one.
        lines: its lines.
    """

    label: str
    lines: Sequence[CrewLine]


def crew_figure(panels: Sequence[CrewPanel], title: str, note: str, y: str) -> Figure:
    """Draw a metric against the number of agents, one line per way to work together."""
    every = [line for panel in panels for line in panel.lines]
    look = looks(list(dict.fromkeys(line.name for line in every)))
    top = max(max(line.drawn()[3]) for line in every)
    with style():
        figure, drawn = sheet(len(panels), title, note, 2)
        for axes, panel in zip(drawn, panels, strict=True):
            _axes(axes, max(top, 2.0), panel)
            ends = []
            for line in panel.lines:
                at, mean, low, high = line.drawn()
                one = look[line.name]
                if line.repaired:
                    one = replace(one, dash=(0, (2, 1)))
                axes.fill_between(at, low, high, color=one.colour, alpha=0.2, linewidth=0)
                axes.plot(
                    at,
                    mean,
                    color=one.colour,
                    marker=one.marker,
                    linestyle=one.dash,
                    markerfacecolor="white" if line.repaired else one.colour,
                    clip_on=False,
                )
                name = f"{line.name},\nrepaired" if line.repaired else line.name
                ends.append((at[-1], mean[-1], name, one.colour))
            settle(axes)
            label_ends(axes, ends)
            head(axes, panel.label or title_of(y), unit_of(y))
    return figure


def _axes(axes: Axes, top: float, panel: CrewPanel) -> None:
    """Set up the axes, and draw the diagonal."""
    counts = sorted({point[0] for line in panel.lines for point in line.points})
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
