"""What policies cost and achieve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.experiments.analysis.selection import panels
from plandrift.experiments.analysis.tables import Row, table
from plandrift.experiments.figures.kinds.kind import figure_kind, note, several_policies
from plandrift.sim import SettingError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.sweeps.results import Results

GAIN = "effectiveness"
"""The possible gains: the share of goals met, or the score."""

PRICES = ("replans", "reads", "refused", "duration")
"""The possible costs of a policy."""


@figure_kind("price", "Cost and gain", several_policies)
def price(results: Results) -> Figure:
    """Draw what is achieved against what it costs, with the Pareto front, one panel per cost."""
    from plandrift.experiments.figures.price import PriceAndGain, price_figure

    offers = {}
    for panel in panels(results, ["policy"]):
        found = {
            metric: {row["policy"]: ends(row) for row in table(panel.results, ["policy"], [metric])}
            for metric in (*PRICES, GAIN)
        }
        for metric in PRICES:
            if any(value > 0 for value, _, _ in found[metric].values()):
                offers[metric, panel.label] = [
                    PriceAndGain(policy, found[metric][policy], found[GAIN][policy]) for policy in found[GAIN]
                ]
    if not offers:
        raise SettingError(
            "no policy of the sweep replans, reads, is refused or takes time: there is no cost to draw"
        )
    return price_figure(offers, results.manifest.title, note(results, ["policy"]), GAIN)


def ends(row: Row) -> tuple[float, float, float]:
    """Return a row's mean and the ends of its interval; ends are NaN if it has none."""
    return row["mean"], row["low"], row["high"]
