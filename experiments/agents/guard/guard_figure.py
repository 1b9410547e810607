"""Reports of a guard as a figure, side by side: each policy's blocks, and what happened after real ones."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from plandrift.experiments.agents.guard.aftermath import AfterBlock
from plandrift.experiments.agents.guard.guard_report import GuardReport, PolicyRow
from plandrift.experiments.figures.looks import FAINT, FRESH, INK, NOTE, STALE
from plandrift.experiments.figures.style import style

PARTS = (("right", FRESH.colour, ""), ("false", FAINT, "///"), ("missed", STALE.colour, "..."))
"""The parts of a bar, with a hatch as second cue."""


def guard_figure(reports: Sequence[tuple[str, GuardReport]]) -> Figure:
    """Draw reports side by side.

    Args:
        reports: each with its name.
    """
    most = max(row.right + row.false + row.missed for _, report in reports for row in report.policies)
    with style():
        figure = plt.figure(figsize=(7.2 * len(reports), 7.4))
        grid = figure.add_gridspec(
            2,
            len(reports),
            left=0.17 / len(reports) + 0.02,
            right=0.97,
            top=0.85,
            bottom=0.11,
            hspace=0.62,
            wspace=0.42,
            height_ratios=(1.3, 1),
        )
        figure.suptitle(
            "What each policy would block, and what happened after blocks",
            x=0.02,
            y=0.975,
            ha="left",
            fontsize=17,
            fontweight="bold",
        )
        for place, (name, report) in enumerate(reports):
            _policies(figure.add_subplot(grid[0, place]), name, report, most)
            _after(figure.add_subplot(grid[1, place]), report)
    return figure


def _policies(axes: Axes, name: str, report: GuardReport, most: int) -> None:
    rows = report.policies[::-1]
    axes.set_title(f"{name}: {report.writes} writes in {report.sessions} sessions", fontsize=13)
    for at, row in enumerate(rows):
        left = 0
        for part, colour, hatch in PARTS:
            count: int = getattr(row, part)
            if count:
                axes.barh(at, count, left=left, color=colour, hatch=hatch, edgecolor="white", height=0.62)
                # In the smallest parts there is no room for a number.
                if count > most / 12:
                    text = f"{count} {part}"
                    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.9}
                    axes.text(left + count / 2, at, text, ha="center", va="center", fontsize=10, bbox=box)
            left += count
        if not left:
            axes.text(0.3, at, _nothing(row), va="center", fontsize=10, color=NOTE)
    axes.set_yticks(range(len(rows)), [row.policy for row in rows])
    axes.set_xlim(0, max(most, 1) * 1.05)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("writes whose basis is known", fontsize=11)
    axes.tick_params(length=0)


def _nothing(row: PolicyRow) -> str:
    return "blocks nothing, and nothing was wrong" if row.writes else "no write whose basis is known"


def _after(axes: Axes, report: GuardReport) -> None:
    blocks = sum(row.count for row in report.after)
    if not blocks:
        axes.set_axis_off()
        axes.text(0, 0.7, "Nothing was held back: in shadow the guard says nothing.", color=NOTE, fontsize=12)
        return
    axes.set_title(f"After the {blocks} calls that were held back", fontsize=13)
    for at, row in enumerate(report.after[::-1]):
        _share(axes, at, row)
    axes.set_yticks(range(len(report.after)), [row.outcome for row in report.after[::-1]])
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.5, len(report.after) - 0.5)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_xlabel("share of the calls, with 95 % intervals over sessions", fontsize=11)
    axes.tick_params(axis="y", length=0)


def _share(axes: Axes, at: int, row: AfterBlock) -> None:
    share = row.share
    reach = [[max(share.mean - share.low, 0.0)], [max(share.high - share.mean, 0.0)]]
    axes.errorbar(share.mean, at, xerr=reach, color=INK, marker="o", capsize=4, linestyle="none")
    # Beside the interval, on the side where there is room.
    right = share.high < 0.75
    place = share.high + 0.03 if right else share.low - 0.03
    axes.text(place, at, f"{row.count}", va="center", ha="left" if right else "right", fontsize=11)
