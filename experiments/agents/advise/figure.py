"""Advice as a figure: what each guard costs, and where the choice flips as one number changes."""

from __future__ import annotations

import math
from itertools import cycle
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from plandrift.experiments.agents.advise.advice import Advice
from plandrift.experiments.agents.advise.answer import flips, money, name_of, value_of
from plandrift.experiments.agents.advise.flips import FlipLine
from plandrift.experiments.agents.advise.guards import NONE
from plandrift.experiments.figures.bars import HATCHES
from plandrift.experiments.figures.lines import head, write_note
from plandrift.experiments.figures.looks import GRID, INK, looks
from plandrift.experiments.figures.style import style

MOST_LINES = 6
"""The most numbers drawn: those with the nearest flips."""


def advice_figure(found: Advice, title: str) -> Figure:
    """Draw the whole figure.

    Args:
        found: the advice.
        title: the finding.
    """
    lines = flips(found)[:MOST_LINES]
    guards = list(found.standings)
    # Each guard that is best somewhere has a colour and a hatch; the others are grey.
    best = {part.best for line in lines for part in line.stretches if part.best}
    chosen = [one.guard.name for one in guards if one.guard.name in best | {guards[0].guard.name, NONE}]
    look = {
        name: (one.colour, hatch)
        for (name, one), hatch in zip(looks(chosen).items(), cycle(HATCHES), strict=False)
    }
    rows = len(guards)
    with style():
        height = 2.6 + 0.42 * rows + (1.5 + 0.95 * len(lines) if lines else 0)
        figure = plt.figure(figsize=(13, height))
        figure.suptitle(
            title, x=0.02, y=1 - 0.2 / height, va="top", ha="left", fontsize=16, fontweight="bold"
        )
        top = 1 - 1.45 / height
        middle = top - 0.42 * rows / height
        _costs(figure.add_axes((0.24, middle, 0.7, top - middle)), found, look)
        if lines:
            low = 0.95 / height
            high = middle - 1.6 / height
            _flips(figure.add_axes((0.24, low, 0.7, high - low)), lines, look)
        known = "closed forms, exact" if found.exact else f"{found.ran} episodes, 95 % intervals"
        write_note(figure, f"world {found.system.world}; {known}", 0.02)
    return figure


def _costs(axes: Axes, found: Advice, look: dict[str, tuple[str, str]]) -> None:
    places = np.arange(len(found.standings))[::-1]
    for place, one in zip(places, found.standings, strict=True):
        colour, hatch = look.get(one.guard.name, (GRID, ""))
        axes.barh(place, one.cost.mean, 0.62, color=colour, hatch=hatch, edgecolor="white", alpha=0.85)
        end = one.cost.mean
        if not math.isnan(one.cost.low):
            axes.plot([one.cost.low, one.cost.high], [place, place], color=INK, linewidth=1.6)
            end = max(end, one.cost.high)
        label = f"{money(one.cost.mean)}" + ("" if one.verdict == "dearer" else f"  {one.verdict}")
        axes.annotate(
            label, (end, place), xytext=(7, 0), textcoords="offset points", va="center", fontweight="bold"
        )
    axes.set_yticks(places, [one.guard.name for one in found.standings])
    most = max(x for one in found.standings for x in (one.cost.mean, one.cost.high) if not math.isnan(x))
    axes.set_xlim(0, most * 1.18 or 1)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("cost per episode, in the unit of the prices given", loc="left")
    head(axes, "What each guard costs", "at the prices given; lines are intervals")


def _flips(axes: Axes, lines: list[FlipLine], look: dict[str, tuple[str, str]]) -> None:
    least = min(one.stretches[0].low / one.here for one in lines)
    most = max(one.stretches[-1].high / one.here for one in lines)
    for place, line in enumerate(reversed(lines)):
        parts = list(line.stretches)
        for i, part in enumerate(parts):
            # The flip lies somewhere between two tried values; it is drawn half-way.
            low = part.low if i == 0 else math.sqrt(parts[i - 1].high * part.low)
            high = part.high if i == len(parts) - 1 else math.sqrt(part.high * parts[i + 1].low)
            left, width = low / line.here, (high - low) / line.here
            if part.best:
                colour, hatch = look[part.best]
                axes.barh(place, width, 0.5, left, color=colour, hatch=hatch, edgecolor="white", alpha=0.85)
                room = math.log2((left + width) / left) * 12 / math.log2(most / least)
                middle = math.sqrt(left * (left + width))
                if room > 0.11 * len(part.best):
                    _inside(axes, middle, place, part.best)
                else:
                    side = "left" if i == 0 else "right" if i == len(parts) - 1 else "center"
                    at = {"left": left, "right": left + width, "center": middle}[side]
                    axes.text(at, place - 0.29, part.best, ha=side, va="top", fontsize=10)
            if i:
                axes.text(left, place + 0.28, value_of(line, low), ha="center", va="bottom", fontsize=10)
    axes.axvline(1, color=INK, linewidth=1.5, linestyle=(0, (4, 2)))
    axes.set_xscale("log")
    axes.set_xlim(least, most)
    axes.set_ylim(-0.6, len(lines) - 0.3)
    axes.set_yticks(range(len(lines)), [f"{name_of(one)}\n{value_of(one, one.here)}" for one in lines[::-1]])
    ticks = [4.0**k for k in range(-4, 5) if least <= 4.0**k <= most]
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(_times))
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("multiple of the value given (dashed), log axis", loc="left")
    head(
        axes,
        "Where the choice flips",
        "one number changed, the others as given; labels: value at the flip; bars end where the search did",
    )


def _inside(axes: Axes, x: float, y: float, name: str) -> None:
    white = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5}
    axes.text(x, y, name, ha="center", va="center", fontsize=10.5, bbox=white)


def _times(value: float, _: Any) -> str:
    return "as given" if value == 1 else f"×{value:g}" if value > 1 else f"÷{1 / value:g}"


def headline(found: Advice) -> str:
    """Return the finding as a title."""
    best = found.best.guard.name
    if best == NONE:
        return "No guard pays off"
    return f"{best}: {money(found.best.cost.mean)} per episode, {money(found.unguarded.cost.mean)} without"
