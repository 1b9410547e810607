"""The effectiveness figure, for worlds with scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.experiments.figures.kinds.kind import figure_kind, scored
from plandrift.experiments.figures.kinds.lines import lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.sweeps.results import Results


@figure_kind(
    "effectiveness",
    "Effectiveness",
    lambda results: "volatility" in results.manifest.varies and scored(results),
)
def effectiveness(results: Results) -> Figure:
    """Draw effectiveness against the rate of change, one panel per thinking time."""
    facet = "agent.thinking_time" if "agent.thinking_time" in results.manifest.varies else ""
    return lines(results, y="effectiveness", facet=facet)
