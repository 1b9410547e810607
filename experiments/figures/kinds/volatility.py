"""What a sweep of the volatility shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.analysis.tables import need, table
from experiments.analysis.theory_curves import floor, misfire_curves
from experiments.figures.kinds.kind import figure_kind, note, scored

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.sweeps.results import Results


@figure_kind(
    "staleness-volatility",
    "Against volatility",
    lambda results: "volatility" in results.manifest.varies and not scored(results),
)
def staleness_volatility(results: Results) -> Figure:
    """Plan staleness, misfire rate and replans against volatility; theory where it is known."""
    from experiments.figures.lines import staleness_and_price

    need(results, "volatility")
    metrics = ("plan_staleness", "misfire_rate", "replans")
    rows = table(results, ["policy", "volatility"], metrics)
    return staleness_and_price(
        rows,
        results.manifest.title,
        note(results),
        metrics,
        theory={"misfire_rate": misfire_curves(results)},
        floor={"misfire_rate": floor(results)},
    )
