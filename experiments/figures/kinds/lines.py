"""Any metric against any setting."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from plandrift.experiments.analysis.selection import panels
from plandrift.experiments.analysis.tables import need, numeric, table
from plandrift.experiments.analysis.theory_curves import misfire_curves, withheld
from plandrift.experiments.figures.kinds.kind import PART, figure_kind, note
from plandrift.experiments.statistics.measures import beside
from plandrift.sim import SettingError

MOST_PANELS = 24
"""The most panels in a figure."""

MISFIRES = ("misfire_rate", "first_misfire_rate")
"""The metrics that the closed forms give."""

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.sweeps.results import Results


@figure_kind("lines")
def lines(
    results: Results, x: str = "volatility", y: str = "plan_staleness", by: str = "policy", facet: str = ""
) -> Figure:
    """Draw any metric against any setting: a line per group, a panel per value of other settings.

    `facet` names one setting, or two separated by a comma: the first goes down, the second across.
    """
    from plandrift.experiments.figures.lines import lines_figure

    facets = [name.strip() for name in facet.split(",") if name.strip()]
    if len(facets) > 2:
        raise SettingError(f"--facet {facet}: give one setting, or two separated by a comma")
    named = [by, x, *facets]
    need(results, *named)
    if len(set(named)) < len(named):
        raise SettingError(f"--facet {facet}: it is already on an axis: give another setting")
    parts = panels(results, named)
    metrics = beside([y])
    if facets or len(parts) == 1:
        rows = table(results, named, metrics)
        numeric(rows, x)
        count = len(metrics) * math.prod(len({row[name] for row in rows}) for name in facets)
        if count > MOST_PANELS:
            raise SettingError(
                f"--facet {facet}: that makes {count} panels, more than {MOST_PANELS}: fix some "
                "values with --where"
            )
        by_theory = (x, by, facet) == ("volatility", "policy", "") and y in MISFIRES
        return lines_figure(
            rows,
            results.manifest.title,
            note(results, named, withheld(results) if by_theory else ""),
            x=x,
            y=y,
            by=by,
            facets=facets,
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
        facets=[PART],
        world=results.manifest.world,
    )
