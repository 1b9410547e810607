"""The figure for a sweep of the observation latency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.experiments.figures.kinds.against import against
from plandrift.experiments.figures.kinds.kind import figure_kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.sweeps.results import Results


@figure_kind(
    "latency", "Against observation latency", lambda results: "channel.latency" in results.manifest.varies
)
def latency(results: Results) -> Figure:
    """Draw plan staleness, success, misfires and replans against observation latency."""
    return against(results, "channel.latency")
