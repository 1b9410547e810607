"""The demo's figure: plan staleness, and the harm that each guard lets through, against volatility."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.experiments.analysis.headline import harm_sentence
from plandrift.experiments.analysis.selection import averaging
from plandrift.experiments.analysis.tables import table
from plandrift.experiments.figures.kinds.kind import figure_kind, note, several_policies

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.sweeps.results import Results

METRICS = ("plan_staleness", "harm")
"""Staleness first, because it is the main question; then its consequences."""


@figure_kind(
    "headline", "", lambda results: "volatility" in results.manifest.varies and several_policies(results)
)
def headline(results: Results) -> Figure:
    """Draw plan staleness and harmful calls against volatility; policies that coincide share a band."""
    from plandrift.experiments.figures.headline import headline_figure

    by = ["policy", "volatility"]
    results = averaging(results)
    rows = [row for row in table(results, by, METRICS) if row["n"]]
    steps = {float(one.value("agent.step_duration")) for one in results.manifest.conditions}
    said = harm_sentence(results)
    title = f"{said[:1].upper()}{said[1:]}" or results.manifest.title
    duration = steps.pop() if len(steps) == 1 else 1.0
    return headline_figure(rows, title, note(results, by), METRICS, duration)
