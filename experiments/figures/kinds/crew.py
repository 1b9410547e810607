"""How many agents are worth having: right tasks per time over one agent alone, against their number."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from plandrift.experiments.analysis.selection import panels
from plandrift.experiments.analysis.tables import need, numeric, table
from plandrift.experiments.figures.kinds.kind import figure_kind, note, several_policies
from plandrift.experiments.sweeps.plain_values import value_text
from plandrift.sim import SettingError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.sweeps.results import Results

AGENTS, LINES = "crew.agents", ("crew.coordination", "policy", "crew.repair")
MOST_PANELS = 6
"""The most panels in a figure."""


@figure_kind("crew", "How many agents", lambda results: AGENTS in results.manifest.varies)
def crew(results: Results, y: str = "speedup") -> Figure:
    """Draw the speedup against the number of agents: a line per coordination, policy and kind of repair."""
    from plandrift.experiments.figures.crew import CrewPanel, crew_figure

    need(results, AGENTS)
    varies = {*results.manifest.varies, *(["policy"] if several_policies(results) else [])}
    names = [name for name in LINES if name in varies] or [LINES[0]]
    parts = panels(results, [*names, AGENTS])
    if len(parts) > MOST_PANELS:
        raise SettingError(
            f"--kind crew: that makes {len(parts)} panels, more than {MOST_PANELS}: fix some values with "
            "--where"
        )
    drawn = []
    for part in parts:
        rows = table(part.results, [*names, AGENTS], [y])
        numeric(rows, AGENTS)
        lines: dict[str, list[tuple[float, float, float, float]]] = {}
        for row in rows:
            if not math.isnan(row["mean"]):
                line = lines.setdefault(",\n".join(value_text(row[name]) for name in names), [])
                low, high = (row["mean"] if math.isnan(row[end]) else row[end] for end in ("low", "high"))
                line.append((float(row[AGENTS]), row["mean"], low, high))
        if lines:
            drawn.append(CrewPanel(part.label, {name: sorted(line) for name, line in lines.items()}))
    if not drawn:
        raise SettingError(f"--kind crew: no crew of this sweep has {y}: give crew.agents above 1")
    return crew_figure(drawn, results.manifest.title, note(results, [*names, AGENTS]), y)
