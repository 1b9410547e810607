"""What a policy costs against what it gains, with the Pareto front."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plandrift.experiments.figures.labels import title_of, unit_of
from plandrift.experiments.figures.lines import head, sheet
from plandrift.experiments.figures.looks import FAINT, Look, looks
from plandrift.experiments.figures.style import broken, label_ends, room, settle, style


class PriceAndGain(NamedTuple):
    """What one policy costs and gains.

    Attributes:
        name: the policy.
        price: mean cost and the ends of its 95 % interval.
        gain: mean gain and the ends of its 95 % interval.
    """

    name: str
    price: tuple[float, float, float]
    gain: tuple[float, float, float]


def price_figure(
    offers: Mapping[tuple[str, str], Sequence[PriceAndGain]], title: str, note: str = "", gain: str = ""
) -> Figure:
    """Draw gain against cost with the Pareto front, one panel per cost.

    Args:
        offers: for each panel, by the cost's metric and the panel's label, what each policy costs and
            gains.
        title: the question.
        note: the small print on what was run.
        gain: the metric of the gain.
    """
    with style():
        figure, panels = sheet(len(offers), title, note, across=2)
        for axes, ((price, label), these) in zip(panels, offers.items(), strict=True):
            _draw(axes, these)
            axes.set_xlabel(broken(f"{title_of(price).lower()} ({unit_of(price)})", room(7), 13))
            head(axes, ", ".join(part for part in (title_of(price), label) if part), unit_of(gain))
    return figure


def front(offers: Sequence[PriceAndGain]) -> list[PriceAndGain]:
    """Return the offers that no other beats in both cost and gain, by rising cost."""
    best: list[PriceAndGain] = []
    for offer in sorted(offers, key=lambda o: (o.price[0], -o.gain[0])):
        if not best or offer.gain[0] > best[-1].gain[0]:
            best.append(offer)
    return best


def _draw(axes: Axes, offers: Sequence[PriceAndGain]) -> None:
    look = looks([offer.name for offer in offers])
    best = front(offers)
    axes.plot(
        [o.price[0] for o in best],
        [o.gain[0] for o in best],
        color=FAINT,
        linewidth=1.6,
        zorder=1,
        label="Pareto front",
        drawstyle="steps-post",
    )
    for offer in offers:
        put(axes, offer, look[offer.name])
    axes.margins(0.12)
    settle(axes)
    label_ends(axes, [(axes.get_xlim()[1], o.gain[0], o.name, look[o.name].colour) for o in offers])


def put(axes: Axes, offer: PriceAndGain, look: Look) -> None:
    """Draw a policy's point, with its intervals if known."""
    (x, x_low, x_high), (y, y_low, y_high) = offer.price, offer.gain
    axes.errorbar(
        x,
        y,
        xerr=_arms(x, x_low, x_high),
        yerr=_arms(y, y_low, y_high),
        color=look.colour,
        marker=look.marker,
        markersize=11,
        elinewidth=2,
        linestyle="",
        label=offer.name,
        zorder=3,
    )


def _arms(value: float, low: float, high: float) -> list[list[float]] | None:
    return None if math.isnan(low) else [[max(0.0, value - low)], [max(0.0, high - value)]]
