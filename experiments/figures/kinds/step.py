"""What goes stale over the steps of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.analysis.step_staleness import step_staleness
from experiments.analysis.theory_curves import step_curve
from experiments.figures.kinds.kind import figure_kind, note

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.sweeps.results import Results


@figure_kind(
    "step",
    "Over the steps of a plan",
    lambda results: results.manifest.steps and "volatility" in results.manifest.varies,
)
def step(results: Results) -> Figure:
    """Plan staleness before the fire against the step's place in the plan, a panel a volatility."""
    from experiments.figures.lines import lines_figure

    rows = step_staleness(results)
    theory = {
        f"{v:g}": {"plan-once": step_curve(results, v)}
        for v in dict.fromkeys(row["volatility"] for row in rows)
        if step_curve(results, v)
    }
    return lines_figure(
        rows,
        results.manifest.title,
        note(results),
        x="step",
        y="staleness",
        by="policy",
        facet="volatility",
        theory=theory,
    )
