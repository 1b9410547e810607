"""The survival of plans: the share still valid at each age."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from plandrift.experiments.analysis.survival import AGES, SurvivalCurve
from plandrift.experiments.figures.looks import LOOKS, NOTE
from plandrift.experiments.figures.style import label_ends, settle, style

TICKS = {10: "10 s", **AGES, 31557600: "1 year", 315576000: "10 years"}
"""The tick labels of the axis."""

YOUNGEST = 10.0
"""The left end of the axis, in seconds; nothing below it is visible on a log axis."""


def survival_figure(
    curves: Sequence[SurvivalCurve],
    title: str,
    note: str = "",
    words: tuple[str, str] = ("fluents", "sets"),
) -> Figure:
    """Draw the share of plans still valid against age, one line per size of change set.

    Args:
        curves: curves from `plandrift.experiments.analysis.survival.survival`.
        title: the figure's title.
        note: the small print on the data.
        words: the words for fluents and change sets.
    """
    oldest = max(YOUNGEST * 2, *(curve.longest for curve in curves), 0.0)
    with style():
        figure, axes = plt.subplots(figsize=(11, 6.2))
        figure.subplots_adjust(left=0.07, right=0.75, top=0.8, bottom=0.15)
        figure.suptitle(title, x=0.07, y=0.965, ha="left", fontsize=19, fontweight="bold")
        axes.set_xscale("log")
        axes.set_xlim(YOUNGEST, oldest)
        axes.set_ylim(0, 1)
        ends = []
        for curve, look in zip(curves, LOOKS, strict=False):
            start = curve.at(YOUNGEST)
            later = curve.ages > YOUNGEST
            end = max(curve.longest, YOUNGEST)
            at = np.concatenate([[YOUNGEST], curve.ages[later], [end]])
            share, low, high = (
                np.concatenate([[first], values[later], values[-1:]])
                for first, values in zip(start, (curve.share, curve.low, curve.high), strict=True)
            )
            axes.fill_between(at, low, high, step="post", color=look.colour, alpha=0.2, linewidth=0)
            axes.step(at, share, where="post", color=look.colour, linestyle=look.dash)
            one = words[0].removesuffix("s")
            name = f"{curve.fluents} {one if curve.fluents == '1' else words[0]} (n = {curve.sets})"
            ends.append((end, float(share[-1]), name, look.colour))
        shown = [age for age in TICKS if YOUNGEST <= age <= oldest]
        axes.xaxis.set_major_locator(FixedLocator(shown))
        axes.xaxis.set_major_formatter(FixedFormatter([TICKS[age] for age in shown]))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlabel("age of the plan (log axis)")
        axes.set_title("Plans still valid\n", pad=2)
        axes.text(
            0,
            1.02,
            f"share of {words[1]}, by number of {words[0]} they change, with 95 % bands",
            transform=axes.transAxes,
            fontsize=11.5,
            color=NOTE,
        )
        settle(axes)
        label_ends(axes, ends)
        if note:
            figure.text(0.07, 0.02, note, fontsize=10.5, color=NOTE)
    return figure
