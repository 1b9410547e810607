"""The style of every figure, legible from the back row of a room; and writing figures to files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from textwrap import fill, wrap
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from plandrift.experiments.figures.looks import FAINT, GRID, INK
from plandrift.experiments.figures.width import save_as_wide
from plandrift.sim import PlandriftError, SettingError
from plandrift.sim.terms.whole_file import whole_file

FORMATS = (".png", ".svg", ".pdf")

MM = 1 / 25.4
"""A millimetre in inches."""

SHRUNK = 0.7
"""The factor by which a figure with a set width is printed smaller than drawn: 10 points become 7."""

SMALLEST = 7.0
"""The smallest printed letter in points."""

NARROWEST, WIDEST = 60.0, 400.0
"""The narrowest and widest printable figure, in millimetres."""

_WIDTH: ContextVar[float | None] = ContextVar("width in millimetres", default=None)


@contextmanager
def printed(width: float | None) -> Iterator[None]:
    """Lay out and save everything drawn inside for this width in millimetres.

    Raises:
        SettingError: the width is out of range.
    """
    if width is not None and not NARROWEST <= width <= WIDEST:
        raise SettingError(f"--width {width:g}mm: give a width from {NARROWEST:g}mm to {WIDEST:g}mm")
    token = _WIDTH.set(width)
    try:
        yield
    finally:
        _WIDTH.reset(token)


def room(natural: float) -> float:
    """Return the width in inches at which to draw a figure that is `natural` wide by default."""
    width = _WIDTH.get()
    return natural if width is None else min(natural, width * MM / SHRUNK)


def points(size: float) -> float:
    """Return the letter size to draw at: this one, or what is printed as the smallest legible one."""
    return size if _WIDTH.get() is None else max(size, SMALLEST / SHRUNK)


def broken(text: str, inches: float, size: float) -> str:
    """Break a text into lines no longer than this width in inches, at this letter size in points."""
    return fill(text, max(10, int(inches * 72 / (0.62 * size))))


@contextmanager
def style() -> Iterator[None]:
    """Apply plandrift's style to everything drawn inside."""
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
    """Check a figure's path before anything is computed for it.

    Raises:
        PlandriftError: the file ending is not supported, or the folder does not exist.
    """
    if path.suffix not in FORMATS:
        raise PlandriftError(f"{option} {path}: end its name in .png, .svg or .pdf")
    if not path.parent.is_dir():
        raise PlandriftError(f"{option} {path}: there is no folder {path.parent}: make it first")


def save(figure: Figure, path: Path, option: str = "--out") -> None:
    """Write a figure; equal data give equal bytes.

    Raises:
        PlandriftError: the file cannot be written.
    """
    dates: dict[str, dict[str, Any]] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    try:
        # Matplotlib also uses the style when it writes a file: it sets the salt of an SVG's ids.
        with style(), whole_file(path) as beside:
            width = _WIDTH.get()
            if width is None:
                figure.savefig(beside, dpi=150, metadata=dates.get(path.suffix))
            else:
                save_as_wide(figure, beside, width * MM, dates.get(path.suffix))
    except OSError as error:
        raise PlandriftError(f"{option} {path}: {error.strerror}: give a writable path") from None
    finally:
        plt.close(figure)


def settle(axes: Axes) -> None:
    """Compute limits that are still open, as drawing would, so that labels can be placed."""
    axes.get_xlim()
    axes.get_ylim()


def label_ends(axes: Axes, ends: Sequence[tuple[float, float, str, str]], size: float = 12.5) -> None:
    """Write names at the ends of their lines, wrapped to the room there, moved apart where they would touch.

    Args:
        axes: the axes, whose limits and scales must be final.
        ends: x, y, name and colour of each line's end.
        size: letter size in points.
    """
    figure = axes.figure
    assert figure is not None
    box = axes.get_window_extent()
    to_axes = axes.transData + axes.transAxes.inverted()
    right = max(float(to_axes.transform((x, y))[0]) for x, y, _, _ in ends) + 0.025
    free = _room(axes) - (box.x0 + right * box.width)
    size = _fitting(axes, size, len(ends))
    places = sorted(
        (float(to_axes.transform((x, y))[1]), _wrapped(axes, name, size, free), colour)
        for x, y, name, colour in ends
    )
    size = _fitting(axes, size, sum(name.count("\n") + 1 for _, name, _ in places))
    line = 1.25 * size * figure.dpi / 72 / box.height
    heights = [place for place, _, _ in places]
    for _ in range(400):
        moved = False
        for i in range(len(heights) - 1):
            gap = heights[i + 1] - heights[i]
            needed = line * (places[i][1].count("\n") + places[i + 1][1].count("\n") + 2) / 2
            if gap < needed - 1e-6:
                push = (needed - gap) / 2
                heights[i] -= push
                heights[i + 1] += push
                moved = True
        lowest = line * (places[0][1].count("\n") + 1) / 2
        if heights[0] < lowest:
            heights[0], moved = lowest, True
        highest = max(1.0, places[-1][0]) - line * places[-1][1].count("\n") / 2
        if heights[-1] > highest:
            heights[-1], moved = highest, True
        if not moved:
            break
    for (_, name, colour), place in zip(places, heights, strict=True):
        _label(axes, right, place, name, size, colour)


def _fitting(axes: Axes, size: float, lines: int) -> float:
    """Return the letter size at which so many lines fit beside the axes: small names do not overlap."""
    assert axes.figure is not None
    return points(min(size, 0.97 * axes.get_window_extent().height / lines / 1.25 * 72 / axes.figure.dpi))


def _label(axes: Axes, right: float, place: float, name: str, size: float, colour: str = INK) -> Text:
    return axes.text(
        right,
        place,
        name,
        transform=axes.transAxes,
        color=colour,
        fontsize=size,
        fontweight="bold",
        va="center",
        ha="left",
        linespacing=1.1,
        clip_on=False,
    )


def _wrapped(axes: Axes, name: str, size: float, free: float) -> str:
    """Break a name into as few lines as fit into this many pixels."""
    probe = _label(axes, 0, 0, name, size)
    letters = max(len(line) for line in name.split("\n"))
    for whole in (True, False):
        for width in range(letters, 3, -1):
            lines = [
                part for line in name.split("\n") for part in wrap(line, width, break_long_words=not whole)
            ]
            probe.set_text("\n".join(lines))
            if probe.get_window_extent().width <= free:
                probe.remove()
                return "\n".join(lines)
    probe.remove()
    return name


def _room(axes: Axes) -> float:
    """Return where the next panel's numbers begin, or the figure ends, in pixels."""
    assert axes.figure is not None
    box = axes.get_window_extent()
    rights = [
        other.get_window_extent().x0 - 0.42 * axes.figure.dpi
        for other in axes.figure.axes
        if other.get_window_extent().x0 > box.x1
        and other.get_window_extent().y0 < box.y1
        and other.get_window_extent().y1 > box.y0
    ]
    return float(min(rights, default=axes.figure.bbox.x1 - 4))
