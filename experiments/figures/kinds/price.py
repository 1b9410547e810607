"""What policies cost and gain."""

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
"""What is gained: the share of the goals that are met, or of the score."""

PRICES = ("replans", "reads", "refused", "duration")
"""What a policy may cost."""


@figure_kind("price", "Price and gain", several_policies)
def price(results: Results) -> Figure:
    """What is achieved against what it costs, with the Pareto front, a panel a price."""
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
            "no policy of the sweep replans, reads, is refused or takes time: nothing to weigh"
        )
    return price_figure(offers, results.manifest.title, note(results, ["policy"]), GAIN)


def ends(row: Row) -> tuple[float, float, float]:
    """A row's mean and the ends of its interval, which are NaN where it has none."""
    return row["mean"], row["low"], row["high"]
