"""What policies cost and gain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.analysis.tables import compare, table
from experiments.figures.kinds.kind import figure_kind, note, several_policies

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.sweeps.results import Results

PRICES = ("replans", "thinking_time", "duration", "blocks")
"""What a policy may cost."""


@figure_kind("price", "Price and gain", several_policies)
def price(results: Results) -> Figure:
    """Misfires avoided against what they cost, with the Pareto front."""
    from experiments.figures.price import PriceAndGain, price_figure

    policies = results.manifest.policies
    baseline = "plan-once" if "plan-once" in policies else policies[0]
    gains = {baseline: (0.0, 0.0, 0.0)}
    for policy in policies:
        if policy != baseline:
            row = compare(results, f"policy={baseline},{policy}", "misfires")[0]
            gains[policy] = (row["difference"], row["low"], row["high"])
    offers = {}
    for metric in PRICES:
        rows = {row["policy"]: row for row in table(results, ["policy"], [metric])}
        offers[metric] = [
            PriceAndGain(p, (rows[p]["mean"], rows[p]["low"], rows[p]["high"]), gains[p]) for p in policies
        ]
    return price_figure(offers, results.manifest.title, note(results), baseline)
