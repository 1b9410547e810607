"""What a sweep of the observation latency shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.analysis.tables import need, numeric, table
from experiments.figures.kinds.kind import figure_kind, note

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.sweeps.results import Results


@figure_kind(
    "latency", "Against observation latency", lambda results: "channel.latency" in results.manifest.varies
)
def latency(results: Results) -> Figure:
    """Plan staleness, misfire rate and replans against observation latency."""
    from experiments.figures.lines import staleness_and_price

    need(results, "channel.latency")
    metrics = ("plan_staleness", "misfire_rate", "replans")
    rows = table(results, ["policy", "channel.latency"], metrics)
    numeric(rows, "channel.latency")
    return staleness_and_price(rows, results.manifest.title, note(results), metrics, x="channel.latency")
