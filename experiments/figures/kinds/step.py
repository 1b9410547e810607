"""Staleness over the steps of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.experiments.analysis.selection import panels
from plandrift.experiments.analysis.step_staleness import step_staleness
from plandrift.experiments.analysis.tables import Row
from plandrift.experiments.analysis.theory_curves import step_curve, withheld
from plandrift.experiments.figures.kinds.kind import PART, figure_kind, note
from plandrift.experiments.figures.labels import facet_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.sweeps.results import Results


@figure_kind(
    "step",
    "Over the steps of a plan",
    lambda results: results.manifest.steps and "volatility" in results.manifest.varies,
)
def step(results: Results) -> Figure:
    """Draw plan staleness before the fire against the position in the plan, one panel per volatility."""
    from plandrift.experiments.figures.lines import lines_figure

    rows: list[Row] = []
    theory = {}
    for panel in panels(results, ["policy", "volatility"]):
        for row in step_staleness(panel.results):
            label = ", ".join(
                part for part in (facet_of("volatility", row["volatility"]), panel.label) if part
            )
            rows.append(row | {PART: label})
            curve = step_curve(panel.results, row["volatility"])
            if curve:
                theory[label] = {"plan-once": curve}
    return lines_figure(
        rows,
        results.manifest.title,
        note(results, ["policy", "volatility"], withheld(results)),
        x="step",
        y="staleness",
        by="policy",
        facets=[PART],
        theory=theory,
    )
