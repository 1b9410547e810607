"""The lessons' figures, as SVG on the screen and on paper; each is drawn once for everybody who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from matplotlib.figure import Figure

from plandrift.experiments.figures.bars import intervals_figure
from plandrift.experiments.figures.crew import CrewLine, CrewPanel, crew_figure
from plandrift.experiments.figures.lines import lines_figure
from plandrift.experiments.figures.looks import INK
from plandrift.experiments.pages.elements import inline_svg
from plandrift.experiments.statistics.intervals import Interval
from plandrift.experiments.workshop.cached_runs import CACHE


@dataclass(frozen=True)
class Lines:
    """A metric against a setting, one line per group with its band.

    Attributes:
        points: the name of a line, a position on the axis, and the measurement there.
        title: the question.
        x: the setting on the horizontal axis.
        y: the metric.
        note: the small print.
        theory: the points of each line's theoretical curve, by the line's name.
        guess: the guess: its position on the axis, and the metric there.
    """

    points: tuple[tuple[str, float, Interval], ...]
    title: str
    x: str
    y: str
    note: str = ""
    theory: tuple[tuple[str, tuple[tuple[float, float], ...]], ...] = ()
    guess: tuple[float, float] | None = None

    def figure(self) -> Figure:
        """Draw the figure."""
        rows = [
            {"line": name, self.x: at, "metric": self.y, "mean": m.mean, "low": m.low, "high": m.high}
            for name, at, m in self.points
        ]
        curves = {"": dict(self.theory)} if self.theory else None
        figure = lines_figure(rows, self.title, self.note, x=self.x, y=self.y, by="line", theory=curves)
        figure.set_size_inches(8.2, 4.8)
        if self.guess is not None:
            axes = figure.axes[0]
            axes.set_ylim(top=max(axes.get_ylim()[1], 1.2 * self.guess[1]))
            axes.plot(*self.guess, marker="*", markersize=20, color=INK, markeredgecolor="white", zorder=9)
            axes.annotate(
                "your guess",
                self.guess,
                xytext=(0, 14),
                textcoords="offset points",
                ha="center",
                fontweight="bold",
                bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1},
                zorder=9,
            )
        return figure


@dataclass(frozen=True)
class Differences:
    """Paired differences, one per row; significant ones are filled.

    Attributes:
        rows: a name and its difference.
        title: the question.
        heading: the quantity of the differences, with its unit.
        less: what a difference below 0 means.
        more: what one above 0 means.
    """

    rows: tuple[tuple[str, Interval], ...]
    title: str
    heading: str
    less: str
    more: str

    def figure(self) -> Figure:
        """Draw the figure."""
        flat = [(name, m.mean, m.low, m.high) for name, m in self.rows]
        beneath = "paired by seed, 95 % intervals; filled: significant"
        return intervals_figure(
            flat, self.title, less=self.less, more=self.more, heading=(self.heading, beneath)
        )


@dataclass(frozen=True)
class Crews:
    """Right tasks per time against the number of agents, one line per way to work together.

    Attributes:
        points: the name of a way, whether it repairs its plans, a number of agents, and the speedup.
        title: the question.
        guess: the guessed best number of agents, if there is a guess.
    """

    points: tuple[tuple[str, bool, float, Interval], ...]
    title: str
    guess: float | None = None

    def figure(self) -> Figure:
        """Draw the figure."""
        lines: dict[tuple[str, bool], list[tuple[float, float, float, float]]] = {}
        for name, repaired, agents, m in self.points:
            lines.setdefault((name, repaired), []).append((agents, m.mean, m.low, m.high))
        panel = CrewPanel("", [CrewLine(*key, line) for key, line in lines.items()])
        figure = crew_figure([panel], self.title, "", "speedup")
        figure.set_size_inches(8.2, 5.6)
        if self.guess is not None:
            axes = figure.axes[0]
            axes.axvline(self.guess, color=INK, linewidth=1.4, linestyle=(0, (4, 2)), zorder=1)
            axes.annotate(
                "your guess",
                (self.guess, axes.get_ylim()[0]),
                xytext=(-5 if self.guess > 8 else 5, 6),
                textcoords="offset points",
                ha="right" if self.guess > 8 else "left",
                fontweight="bold",
            )
        return figure


Screen: TypeAlias = Lines | Differences | Crews
"""What a lesson shows."""


def svg(screen: Screen) -> str:
    """Return a figure as SVG for use in a page."""
    return CACHE.ask(_svg, screen).result()


def _svg(screen: Screen) -> str:
    label = "-".join("".join(c if c.isalnum() else " " for c in screen.title.lower()).split())
    return inline_svg(screen.figure(), label).replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1)
