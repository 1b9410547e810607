"""Bars and intervals: shares of causes, paired differences, sensitivity indices."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from plandrift.experiments.figures.labels import title_of, unit_of
from plandrift.experiments.figures.lines import head, note_lines, write_note
from plandrift.experiments.figures.looks import FAINT, INK, LOOKS, look
from plandrift.experiments.figures.style import broken, room, style

HATCHES = ("", "//", "..", "\\\\", "xx", "--", "oo", "||", "**", "++")
"""Hatches that distinguish bars beside colour; their number differs, so that no pair recurs early."""


LEAST = 0.01
"""Parts that are nowhere as large as this share are drawn as one."""


class ShareBar(NamedTuple):
    """A bar divided into shares.

    Attributes:
        name: the text beside it.
        shares: the share of each part; they sum to 1, or to 0 if there is nothing to divide.
        total: the text at its end with the number divided: a share of three differs from one of 300.
    """

    name: str
    shares: Mapping[str, float]
    total: str = ""


def shares_figure(
    bars: Sequence[ShareBar], title: str, note: str = "", unit: str = "share of the failures"
) -> Figure:
    """Draw one bar per group, its named parts stacked to 1, with the total at its end.

    Args:
        bars: the bars from top to bottom.
        title: the question.
        note: the small print on what was run.
        unit: what the shares are of.
    """
    bars = _rest_together(bars)
    parts = list(dict.fromkeys(p for bar in bars for p in bar.shares))
    parts = [p for p in parts if any(bar.shares.get(p, 0) > 0 for bar in bars)]
    with style():
        width = room(14)
        more_lines = 0.2 * note_lines(note, width)
        words = broken(title, 0.95 * width, 18)
        room_for_one = max(2.5, 0.7 + 0.1 * max(map(len, parts), default=0))
        side_by_side = max(1, min(len(parts), 5, int(width / room_for_one)))
        key = -(-len(parts) // side_by_side)
        top = 1.15 + 0.27 * key + 0.28 * words.count("\n")
        figure, axes = plt.subplots(figsize=(width, top + 1.2 + 0.8 * len(bars) + more_lines))
        height = figure.get_size_inches()[1]
        longest = max(len(line) for bar in bars for line in bar.name.split("\n"))
        left_end = min(0.4, (0.3 + 0.115 * longest) / width)
        figure.subplots_adjust(
            left=left_end,
            right=1 - 1.55 / width,
            top=1 - top / height,
            bottom=(0.95 + more_lines) / height,
        )
        figure.suptitle(
            words, x=0.025, y=1 - 0.18 / height, va="top", ha="left", fontsize=18, fontweight="bold"
        )
        places = np.arange(len(bars))[::-1]
        left = np.zeros(len(bars))
        for number, part in enumerate(parts):
            widths = np.array([bar.shares.get(part, 0.0) for bar in bars])
            colour, hatch = look(number).colour, HATCHES[number % len(HATCHES)]
            axes.barh(places, widths, 0.7, left, color=colour, hatch=hatch, edgecolor="white", label=part)
            for place, share, start in zip(places, widths, left, strict=True):
                if share > 0.42 / axes.get_position().width / width:
                    axes.text(
                        start + share / 2,
                        place,
                        f"{share:.0%}",
                        ha="center",
                        va="center",
                        fontsize=11.5,
                        color=INK,
                        fontweight="bold",
                        bbox={"facecolor": "white", "alpha": 0.8, "pad": 1.5, "lw": 0},
                    )
            left += widths
        for place, bar in zip(places, bars, strict=True):
            axes.text(1.012, place, bar.total, va="center", ha="left", fontsize=12, color=INK)
        axes.set_yticks(places, [bar.name for bar in bars])
        axes.set_xlim(0, 1)
        axes.set_ylim(-0.6, len(bars) - 0.4)
        axes.grid(visible=False)
        axes.set_xlabel(unit)
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(-0.01 if width == 14 else -left_end * 0.9 / (1 - left_end - 1.55 / width), 1.01),
            ncols=side_by_side,
            frameon=False,
            fontsize=12,
            handlelength=1.6,
            columnspacing=1.4,
        )
        write_note(figure, note)
    return figure


def _rest_together(bars: Sequence[ShareBar]) -> list[ShareBar]:
    """Put the parts that are hardly to be seen in any bar into one, if there are several."""
    parts = list(dict.fromkeys(p for bar in bars for p in bar.shares))
    most = {p: max(bar.shares.get(p, 0.0) for bar in bars) for p in parts}
    small = [p for p in parts if 0 < most[p] < LEAST]
    if len(small) < 2:
        return list(bars)
    return [
        bar._replace(
            shares={p: share for p, share in bar.shares.items() if p not in small}
            | {f"the rest, each below {LEAST:.0%}": sum(bar.shares.get(p, 0.0) for p in small)}
        )
        for bar in bars
    ]


def intervals_figure(
    rows: Sequence[tuple[str, float, float, float]],
    title: str,
    note: str = "",
    *,
    metric: str = "",
    less: str = "",
    more: str = "",
    heading: tuple[str, str] | None = None,
) -> Figure:
    """Draw paired differences with 95 % intervals, one per row; those whose interval excludes 0 are filled.

    Args:
        rows: name, difference, and the ends of its interval.
        title: the question.
        note: the small print on what was run.
        metric: the metric whose difference it is.
        less: what a difference below 0 means.
        more: what a difference above 0 means.
        heading: a heading and unit that replace those of the metric.
    """
    with style():
        width = room(12)
        more_lines = 0.2 * note_lines(note, width)
        words = broken(title, 0.95 * width, 17)
        names = [broken(name, 0.5 * width, 13) for name, *_ in rows]
        longest = max(len(line) for name in names for line in name.split("\n"))
        top = 1.5 + 0.28 * words.count("\n")
        row = 0.42 * max(1 + name.count("\n") for name in names)
        figure, axes = plt.subplots(figsize=(width, top + 1.4 + row * len(rows) + more_lines))
        height = figure.get_size_inches()[1]
        left = min(0.55, (0.5 + 0.1 * longest) / width)
        figure.subplots_adjust(
            left=left, right=0.96, top=1 - top / height, bottom=(1.0 + more_lines) / height
        )
        figure.suptitle(
            words, x=0.025, y=1 - 0.18 / height, va="top", ha="left", fontsize=17, fontweight="bold"
        )
        for place, (_, middle, low, high) in enumerate(reversed(rows)):
            decided = low > 0 or high < 0
            look = LOOKS[1] if high < 0 else LOOKS[0] if low > 0 else LOOKS[7]
            axes.plot([low, high], [place, place], color=look.colour, linewidth=3)
            face = look.colour if decided else "white"
            axes.plot(
                middle, place, look.marker, color=look.colour, markerfacecolor=face, markersize=9, mew=2
            )
        axes.axvline(0, color=FAINT, linewidth=1.4)
        axes.set_yticks(range(len(rows)), names[::-1])
        axes.set_ylim(-0.7, len(rows) - 0.3)
        # No effect is the middle, so that effects on both sides appear at true size.
        widest = max((abs(end) for row in rows for end in row[1:] if not math.isnan(end)), default=0) or 1
        axes.set_xlim(-1.08 * widest, 1.08 * widest)
        ends = [f"← {less}"] * bool(less) + [f"{more} →"] * bool(more)
        axes.set_xlabel("   ".join(ends))
        paired = f"{unit_of(metric)}, paired by seed, 95 % intervals; filled: significant"
        from_left = 0.0 if width == 12 else -(left - 0.025) / (0.96 - left)
        head(axes, *(heading or (f"Difference in {title_of(metric).lower()}", paired)), left=from_left)
        write_note(figure, note)
    return figure


def indices_figure(
    indices: Sequence[tuple[str, tuple[float, float, float], tuple[float, float, float]]],
    title: str,
    note: str = "",
) -> Figure:
    """Draw Sobol' indices: the first-order and total share of variance of each setting.

    Args:
        indices: setting, first-order index with its interval, total index with its interval.
        title: the question.
        note: the small print on what was run.
    """
    with style():
        figure, axes = plt.subplots(figsize=(11, 3.0 + 0.75 * len(indices)))
        height = figure.get_size_inches()[1]
        figure.subplots_adjust(left=0.26, right=0.8, top=1 - 1.4 / height, bottom=0.95 / height)
        figure.suptitle(
            title, x=0.025, y=1 - 0.18 / height, va="top", ha="left", fontsize=17, fontweight="bold"
        )
        ordered = sorted(indices, key=lambda row: row[2][0])
        for place, (_, first, total) in enumerate(ordered):
            for (middle, low, high), look, lift in ((first, LOOKS[1], 0.14), (total, LOOKS[0], -0.14)):
                axes.plot([low, high], [place + lift] * 2, color=look.colour, linewidth=3)
                axes.plot(middle, place + lift, look.marker, color=look.colour, markersize=10)
        if ordered:
            top = len(ordered) - 1
            for (_, _, high), look, lift, name in (
                (ordered[-1][1], LOOKS[1], 0.14, "alone"),
                (ordered[-1][2], LOOKS[0], -0.14, "including interactions"),
            ):
                axes.annotate(
                    name,
                    (high, top + lift),
                    (8, 0),
                    textcoords="offset points",
                    va="center",
                    color=look.colour,
                    fontweight="bold",
                    annotation_clip=False,
                )
        axes.axvline(0, color=FAINT, linewidth=1.4)
        axes.set_yticks(range(len(ordered)), [name for name, *_ in ordered])
        axes.set_ylim(-0.6, len(ordered) - 0.4)
        axes.set_xlabel("share of the variance")
        head(axes, "Which setting matters", "Sobol' indices with 95 % intervals")
        write_note(figure, note)
    return figure
