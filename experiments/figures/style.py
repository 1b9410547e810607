"""How every figure looks: for the back row of a room, and for who does not see all colours.

Colours are those of Okabe and Ito (2008, "Color universal design"); each line also has a marker and a
dash of its own, so that a figure can be read in grey.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim import PlandriftError

INK, FAINT, GRID = "#1a1a1a", "#8a8a8a", "#e4e4e4"

FORMATS = (".png", ".svg", ".pdf")


@dataclass(frozen=True)
class Look:
    """How one line is drawn: its colour, and its marker and dash as the second cue."""

    colour: str
    marker: str
    dash: Any


_SOLID, _DASHED, _DOTTED, _BOTH = "-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2))
LOOKS = (
    Look("#D55E00", "o", _SOLID),
    Look("#0072B2", "s", _DASHED),
    Look("#009E73", "^", _BOTH),
    Look("#CC79A7", "D", _DOTTED),
    Look("#B8860B", "v", _SOLID),
    Look("#56B4E9", "P", _DASHED),
    Look("#5D3A9B", "X", _BOTH),
    Look(INK, "*", _DOTTED),
)
_OWN = {
    "plan-once": 0,
    "replan-each": 1,
    "gated": 2,
    "event-driven": 3,
    "warn": 4,
    "read-back": 5,
    "bold": 0,
    "normal": 1,
    "cautious": 2,
    "bold-broken": 3,
    "bold-better": 4,
    "bold-new": 5,
}
"""A named policy looks the same in every figure."""


def looks(names: Sequence[str]) -> dict[str, Look]:
    """A look for each name: its own where it has one, else the next that is free."""
    taken = {_OWN[name] for name in names if name in _OWN}
    free = iter([i for i in range(len(LOOKS)) if i not in taken] * (1 + len(names)))
    return {name: LOOKS[_OWN[name] if name in _OWN else next(free)] for name in names}


@contextmanager
def style() -> Iterator[None]:
    """Everything drawn inside looks like plandrift."""
    chosen: Any = {
        "font.size": 13,
        "font.family": "DejaVu Sans",
        "axes.titlesize": 15,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.labelsize": 13,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": FAINT,
        "axes.labelcolor": INK,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": GRID,
        "grid.linewidth": 0.9,
        "xtick.color": INK,
        "ytick.color": INK,
        "text.color": INK,
        "lines.linewidth": 2.6,
        "lines.markersize": 7,
        "svg.hashsalt": "plandrift",
        "svg.fonttype": "none",
        "savefig.facecolor": "white",
    }
    with plt.rc_context(chosen):
        yield


def check_path(path: Path, option: str = "--out") -> None:
    """Refuse a figure's path before anything is computed for it.

    Raises:
        PlandriftError: its ending is none that can be drawn, or its folder is not there.
    """
    if path.suffix not in FORMATS:
        raise PlandriftError(f"{option} {path}: end its name in .png, .svg or .pdf")
    if not path.parent.is_dir():
        raise PlandriftError(f"{option} {path}: there is no folder {path.parent}: make it first")


def save(figure: Figure, path: Path, option: str = "--out") -> None:
    """Write a figure, the same bytes for the same data.

    Raises:
        PlandriftError: it cannot be written.
    """
    dates: dict[str, dict[str, Any]] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    try:
        # The style is asked for when a file is written too: it salts an SVG's names.
        with style():
            figure.savefig(path, dpi=150, metadata=dates.get(path.suffix))
    except OSError as error:
        raise PlandriftError(f"{option} {path}: {error.strerror}: give a path that can be written") from None
    finally:
        plt.close(figure)


def label_ends(axes: Axes, ends: Sequence[tuple[float, float, str, str]], size: float = 12.5) -> None:
    """Write names at the ends of their lines, moved apart where they would touch.

    Args:
        axes: limits and scales must be final.
        ends: x, y, name and colour of each.
        size: of the letters, in points.
    """
    figure = axes.figure
    assert figure is not None
    height = axes.get_window_extent().height
    line = 1.25 * size * figure.dpi / 72 / height
    to_axes = axes.transData + axes.transAxes.inverted()
    places = sorted((float(to_axes.transform((x, y))[1]), name, colour) for x, y, name, colour in ends)
    right = max(float(to_axes.transform((x, y))[0]) for x, y, _, _ in ends)
    heights = [place for place, _, _ in places]
    for _ in range(200):
        moved = False
        for i in range(len(heights) - 1):
            gap = heights[i + 1] - heights[i]
            if gap < line - 1e-6:
                push = (line - gap) / 2
                heights[i] -= push
                heights[i + 1] += push
                moved = True
        if heights and heights[0] < line / 2:
            heights[0], moved = line / 2, True
        if not moved:
            break
    for (_, name, colour), place in zip(places, heights, strict=True):
        axes.text(
            right + 0.025,
            place,
            name,
            transform=axes.transAxes,
            color=colour,
            fontsize=size,
            fontweight="bold",
            va="center",
            ha="left",
            clip_on=False,
        )
