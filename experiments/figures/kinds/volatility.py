"""The figure for a sweep of the volatility."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.experiments.analysis.theory_curves import floor, misfire_curves, withheld
from plandrift.experiments.figures.kinds.against import against
from plandrift.experiments.figures.kinds.kind import figure_kind, scored

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.sweeps.results import Results


@figure_kind(
    "staleness-volatility",
    "Against volatility",
    lambda results: "volatility" in results.manifest.varies and not scored(results),
)
def staleness_volatility(results: Results) -> Figure:
    """Draw plan staleness, success, misfires and replans against volatility, with theory where known."""
    return against(
        results,
        "volatility",
        theory=lambda part: {"first_misfire_rate": misfire_curves(part)},
        floor=lambda part: {"first_misfire_rate": floor(part)},
        more=withheld(results),
    )
