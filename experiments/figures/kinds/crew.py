"""How many agents are worth having: the speedup over one agent alone, against the number of agents."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from plandrift.experiments.analysis.selection import groupable, panels, value_words, varying
from plandrift.experiments.analysis.tables import Row, need, numeric, table
from plandrift.experiments.figures.kinds.kind import figure_kind, note
from plandrift.experiments.sweeps.plain_values import NONE, value_text
from plandrift.sim import SettingError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.sweeps.results import Results

AGENTS = "crew.agents"
COORDINATION, POLICY, REPAIR = WAYS = ("crew.coordination", "policy", "crew.repair")
"""What distinguishes a line: how agents coordinate, what each checks, and how it replans."""
MOST_PANELS = 6
"""The most panels in a figure."""
WORDS = {
    "agent.thinking_time": "thinking {}",
    "world.shared": "{} shared fluents",
    "crew.models": "{} models",
}
"""The words for a panel's settings where the setting's name alone would be longer."""


@figure_kind("crew", "How many agents", lambda results: AGENTS in results.manifest.varies)
def crew(results: Results, y: str = "speedup") -> Figure:
    """Draw the speedup against the number of agents: a line per coordination, policy and kind of repair."""
    from plandrift.experiments.figures.crew import CrewLine, CrewPanel, crew_figure

    need(results, AGENTS)
    known, first = groupable(results), results.manifest.conditions[0]
    by = [*(name for name in WAYS if name in known), AGENTS]
    parts = panels(results, by)
    if len(parts) > MOST_PANELS:
        raise SettingError(
            f"--kind crew: that makes {len(parts)} panels, more than {MOST_PANELS}: fix some values with "
            "--where"
        )
    free = [name for name in varying(results, by) if name not in results.averaged]
    drawn = []
    for part in parts:
        rows: list[Row] = [
            {name: first.value(name) for name in WAYS} | row for row in table(part.results, by, [y])
        ]
        numeric(rows, AGENTS)
        names = _names(rows)
        lines: dict[tuple[str, bool], list[tuple[float, float, float, float]]] = {}
        for row in rows:
            if not math.isnan(row["mean"]):
                point = (float(row[AGENTS]), row["mean"], row["low"], row["high"])
                lines.setdefault((names[_way(row)], row[REPAIR] == "part"), []).append(point)
        if lines:
            every = [CrewLine(*key, sorted(line)) for key, line in lines.items()]
            drawn.append(CrewPanel(_label(part.results, free), every))
    if not drawn:
        raise SettingError(f"--kind crew: no crew of this sweep has {y}: give crew.agents above 1")
    return crew_figure(drawn, results.manifest.title, note(results, by), y)


def _way(row: Row) -> tuple[str, str]:
    return value_text(row[COORDINATION]), value_text(row[POLICY])


def _names(rows: list[Row]) -> dict[tuple[str, str], str]:
    """Return a line's name: its coordination; its policy if it has none, or if that tells it from another.

    >>> _names([{COORDINATION: c, POLICY: p} for c, p in (("none", "gated"), ("serial", "gated"))])
    {('none', 'gated'): 'gated', ('serial', 'gated'): 'serial'}
    """
    ways = list(dict.fromkeys(_way(row) for row in rows))
    held = [coordination for coordination, _ in ways]
    return {
        (coordination, policy): policy
        if coordination == NONE
        else coordination
        if held.count(coordination) == 1
        else f"{coordination},\n{policy}"
        for coordination, policy in ways
    }


def _label(results: Results, free: list[str]) -> str:
    """Return a panel's heading: the values of the settings that differ between panels."""
    said = []
    for name in free:
        value = results.manifest.conditions[0].value(name)
        if name == "crew.models" and value == NONE:
            said.append("a model each")
        elif name in WORDS:
            # The small print says that the times are drawn from a distribution.
            text = f"{value:,g}" if isinstance(value, float) else value_text(value)
            said.append(WORDS[name].format(re.sub(r"^\w+\(([\d.]+)\)$", r"\1", text)))
        else:
            said.append(value_words(name, value))
    return ", ".join(said)
