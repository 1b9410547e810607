"""Goals met against cost: one point per guard, one panel per volatility."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from plandrift.experiments.figures.labels import title_of, unit_of
from plandrift.experiments.figures.lines import head, sheet
from plandrift.experiments.figures.looks import INK, looks
from plandrift.experiments.figures.price import PriceAndGain, put
from plandrift.experiments.figures.style import label_ends, settle, style

PLACES = (
    *((14, 0, "left", "center"), (-14, 0, "right", "center"), (0, 13, "center", "bottom")),
    *((0, -13, "center", "top"), (14, 16, "left", "bottom"), (14, -16, "left", "top")),
    *((-14, 16, "right", "bottom"), (-14, -16, "right", "top"), (14, 36, "left", "bottom")),
    *((14, -36, "left", "top"), (-14, 36, "right", "bottom"), (-14, -36, "right", "top")),
    *((0, 46, "center", "bottom"), (0, -46, "center", "top")),
    *((14, -66, "left", "top"), (14, -96, "left", "top"), (14, -126, "left", "top")),
)
"""The possible label offsets from a point, in typographic points, in order of preference."""
FAR = 8
"""From this offset on, a thin line connects the label to its point."""


class GuardPoint(NamedTuple):
    """One guard at one volatility.

    Attributes:
        offer: its cost and the share of goals it meets.
        words: the text below its name: its failures and, if low, how little it does.
    """

    offer: PriceAndGain
    words: str

    @property
    def name(self) -> str:
        """Return the policy's name."""
        return self.offer.name

    @property
    def at(self) -> tuple[float, float]:
        """Return its position: the means of cost and gain."""
        return self.offer.price[0], self.offer.gain[0]


class GuardPanel(NamedTuple):
    """The guards at one volatility, under its heading."""

    heading: str
    points: Sequence[GuardPoint]


def guards_figure(panels: Sequence[GuardPanel], price: str, title: str, note: str) -> Figure:
    """Draw gain upwards against cost rightwards, one panel per volatility.

    Args:
        panels: the panels in order.
        price: the metric of the cost.
        title: the finding.
        note: the small print on what was run.
    """
    with style():
        figure, drawn = sheet(len(panels), title, note)
        names = list(dict.fromkeys(point.name for panel in panels for point in panel.points))
        for axes, panel in zip(drawn, panels, strict=True):
            dearest = max(max(_known(point.offer.price)) for point in panel.points)
            axes.set_xlim(-0.08 * dearest, 1.7 * dearest or 1)
            axes.set_ylim(-0.07, 1.1)
            axes.set_xlabel(f"{title_of(price).lower()} ({unit_of(price)})")
            head(axes, panel.heading, "share of the goals met")
            _points(axes, panel.points, names)
    return figure


def _points(axes: Axes, points: Sequence[GuardPoint], names: Sequence[str]) -> None:
    look = looks(names)
    for point in points:
        put(axes, point.offer, look[point.name])
    settle(axes)
    taken = [box for point in points for box in _boxes(axes, point)]
    places = len(taken)
    for group in _together(axes, points):
        first, *others = group
        if others:
            words, colour = "\n".join(f"{p.name}: {p.words}" for p in group), INK
        else:
            words, colour = f"{first.name}\n{first.words}", look[first.name].dark
        taken.append(_label(axes, first, words, colour, taken))
    labels, inside = taken[places:], axes.get_window_extent()
    touching = any(_shared(one, other) for one, other in combinations(labels, 2))
    if touching or any(box.y0 < inside.y0 or box.y1 > inside.y1 or box.x0 < inside.x0 for box in labels):
        # Too many for the space between them: only their names, at the side, and without lines.
        for text in list(axes.texts):
            if text.get_fontweight() == "bold" or not text.get_text():
                text.remove()
        ends = [(axes.get_xlim()[1], p.at[1], p.name, look[p.name].dark) for p in points]
        label_ends(axes, ends)


def _together(axes: Axes, points: Sequence[GuardPoint]) -> list[list[GuardPoint]]:
    """Group points so close together that one label serves them, the highest first."""
    groups: list[list[GuardPoint]] = []
    for point in sorted(points, key=lambda p: -p.at[1]):
        x, y = axes.transData.transform(point.at)
        for group in groups:
            there = axes.transData.transform(group[0].at)
            if abs(there[0] - x) < 16 and abs(there[1] - y) < 26:
                group.append(point)
                break
        else:
            groups.append([point])
    return groups


def _boxes(axes: Axes, point: GuardPoint) -> list[Bbox]:
    """Return the pixel boxes that a point and its intervals cover."""

    def at(x: float, y: float) -> tuple[float, float]:
        there = axes.transData.transform((x, y))
        return float(there[0]), float(there[1])

    x, y = point.at
    across, up = _known(point.offer.price), _known(point.offer.gain)
    px, py = at(x, y)
    return [
        Bbox.from_extents(px - 12, py - 12, px + 12, py + 12),
        Bbox.from_extents(at(min(across), y)[0], py - 8, at(max(across), y)[0], py + 8),
        Bbox.from_extents(px - 8, at(x, min(up))[1], px + 8, at(x, max(up))[1]),
    ]


def _known(ends: Sequence[float]) -> list[float]:
    """Return the mean, and the ends of its interval if it has one."""
    return [end for end in ends if not math.isnan(end)]


def _label(axes: Axes, point: GuardPoint, words: str, colour: str, taken: Sequence[Bbox]) -> Bbox:
    """Write a point's label where it covers the least of what is there."""
    figure, box = axes.figure, axes.get_window_extent()
    assert figure is not None
    text: Text = axes.annotate(
        words,
        point.at,
        xytext=(0, 0),
        textcoords="offset points",
        color=colour,
        fontsize=10.5,
        fontweight="bold",
        linespacing=1.15,
    )
    best: tuple[float, int, Bbox] | None = None
    for i, (dx, dy, across, up) in enumerate(PLACES):
        _move(text, dx, dy, across, up)
        extent = text.get_window_extent()
        outside = extent.x0 < box.x0 or extent.x1 > box.x1 + 30 or extent.y0 < box.y0 or extent.y1 > box.y1
        cost = sum(_shared(extent, other) for other in taken) + (1e6 if outside else 0)
        if best is None or cost < best[0]:
            best = cost, i, extent
    assert best is not None
    _move(text, *PLACES[best[1]])
    if best[1] >= FAR:
        dx, dy, *_ = PLACES[best[1]]
        axes.annotate(
            "",
            point.at,
            xytext=(dx, dy),
            textcoords="offset points",
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 6},
        )
    return best[2]


def _move(text: Text, dx: float, dy: float, across: str, up: str) -> None:
    text.xyann = (dx, dy)  # type: ignore[attr-defined]
    text.set_horizontalalignment(across)  # type: ignore[arg-type]
    text.set_verticalalignment(up)  # type: ignore[arg-type]


def _shared(one: Bbox, other: Bbox) -> float:
    """Return the area in which two boxes overlap, in pixels."""
    found = Bbox.intersection(one, other)
    return float(found.width * found.height) if found is not None else 0.0
