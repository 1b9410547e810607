"""Where replanning storms occur."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.experiments.analysis.selection import panels
from plandrift.experiments.analysis.tables import need, numeric, table
from plandrift.experiments.figures.kinds.kind import figure_kind, note

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.sweeps.results import Results

STORM = ("storms", "thinking_share", "success")


@figure_kind("storm")
def storm(results: Results, x: str = "policy.max_replans", y: str = "policy.min_interval") -> Figure:
    """Draw the storm map: storms, share of time spent thinking, and success over two bounds."""
    from plandrift.experiments.figures.maps import heat_figure

    need(results, x, y)
    rows = []
    for panel in panels(results, [x, y]):
        found = table(panel.results, [x, y], STORM)
        numeric(found, x, y)
        rows.append((panel.label, found))
    return heat_figure(rows, results.manifest.title, note(results, [x, y]), x=x, y=y, metrics=STORM)
