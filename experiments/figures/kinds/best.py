"""Where each policy does best."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.experiments.analysis.best import best_cells
from plandrift.experiments.figures.kinds.kind import figure_kind, note, several_policies

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.sweeps.results import Results


@figure_kind(
    "best",
    "Which policy does best",
    lambda results: (
        {"volatility", "channel.latency"} <= set(results.manifest.varies) and several_policies(results)
    ),
)
def best(
    results: Results, x: str = "volatility", y: str = "channel.latency", metric: str = "effectiveness"
) -> Figure:
    """Draw which policy does best over two settings, and by how much."""
    from plandrift.experiments.figures.maps import best_figure

    return best_figure(
        best_cells(results, x, y, metric),
        results.manifest.title,
        note(results, ["policy", x, y]),
        x=x,
        y=y,
        metric=metric,
    )
