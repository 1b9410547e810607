"""Staleness, achievement, misfires and cost against one setting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from plandrift.experiments.analysis.selection import panels
from plandrift.experiments.analysis.tables import need, numeric, table
from plandrift.experiments.analysis.theory_curves import TheoryCurve
from plandrift.experiments.figures.kinds.kind import note
from plandrift.experiments.sweeps.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

METRICS = ("plan_staleness", "success", "first_misfire_rate", "replans")
"""Staleness first, because it is the main question; no rate without what was achieved beside it."""

Curves = Callable[[Results], Mapping[str, Mapping[str, TheoryCurve]]]
Floors = Callable[[Results], Mapping[str, TheoryCurve]]


def against(
    results: Results,
    x: str,
    theory: Curves = lambda _: {},
    floor: Floors = lambda _: {},
    more: str = "",
) -> Figure:
    """Draw `METRICS` against a setting: a line per policy, a row of panels per value of other settings.

    Args:
        results: a sweep's results.
        x: the setting on the horizontal axis; its values are numbers.
        theory: curves that theory gives for a part of the sweep, by metric and policy.
        floor: lower limits that no policy beats in a part of the sweep, by metric.
        more: a further sentence for the note.
    """
    from plandrift.experiments.figures.lines import PanelRow, panel_rows

    need(results, x)
    rows = []
    for panel in panels(results, ["policy", x]):
        found = table(panel.results, ["policy", x], METRICS)
        numeric(found, x)
        rows.append(PanelRow(panel.label, found, theory(panel.results), floor(panel.results)))
    manifest = results.manifest
    return panel_rows(rows, manifest.title, note(results, ["policy", x], more), METRICS, x, manifest.world)
