"""Any metric against any setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.experiments.analysis.selection import panels
from plandrift.experiments.analysis.tables import need, numeric, table
from plandrift.experiments.analysis.theory_curves import misfire_curves
from plandrift.experiments.figures.kinds.kind import PART, figure_kind, note
from plandrift.experiments.statistics.measures import is_rate

ACHIEVED = ("success", "goals_met", "effectiveness")
"""Rates that say themselves what was achieved."""

MISFIRES = ("misfire_rate", "first_misfire_rate")
"""Those that the closed forms give."""

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.sweeps.results import Results


@figure_kind("lines")
def lines(
    results: Results, x: str = "volatility", y: str = "plan_staleness", by: str = "policy", facet: str = ""
) -> Figure:
    """Any metric against any setting, a line a group, a panel a value of what else varies."""
    from plandrift.experiments.figures.lines import lines_figure

    need(results, *(name for name in (x, by, facet) if name))
    named = [name for name in (by, x, facet) if name]
    parts = panels(results, named)
    # No rate without what was achieved: who fires nothing misfires never.
    metrics = [y, "success"] if is_rate(y) and y not in ACHIEVED else [y]
    if facet or len(parts) == 1:
        rows = table(results, named, metrics)
        numeric(rows, x)
        by_theory = (x, by, facet) == ("volatility", "policy", "") and y in MISFIRES
        return lines_figure(
            rows,
            results.manifest.title,
            note(results, named),
            x=x,
            y=y,
            by=by,
            facet=facet or None,
            theory={"": misfire_curves(results)} if by_theory else None,
            world=results.manifest.world,
        )
    rows = []
    for part in parts:
        rows += [row | {PART: part.label} for row in table(part.results, named, metrics)]
    numeric(rows, x)
    return lines_figure(
        rows,
        results.manifest.title,
        note(results, named),
        x=x,
        y=y,
        by=by,
        facet=PART,
        world=results.manifest.world,
    )
