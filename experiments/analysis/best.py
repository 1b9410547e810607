"""Which policy does best where, by how much, and which others are not significantly worse."""

from __future__ import annotations

import math
from typing import NamedTuple

from plandrift.experiments.analysis.tables import compare, need, numeric, table
from plandrift.experiments.sweeps.results import Results
from plandrift.sim.measure.metrics import DECLARED

HIGHER_IS_BETTER = frozenset(name for name, metric in DECLARED.items() if metric.better == "higher")


class BestCell(NamedTuple):
    """One cell of the map of best policies.

    Attributes:
        x: value of the setting on the horizontal axis.
        y: value of the setting on the vertical axis.
        best: the policy that does best.
        margin: how much better it is than the next best, in units of the metric.
        tied: the policies that do not differ significantly from the best.
        decided: whether at least one other policy differs significantly from the best.
    """

    x: float
    y: float
    best: str
    margin: float
    tied: tuple[str, ...]
    decided: bool


def best_cells(results: Results, x: str, y: str, metric: str) -> list[BestCell]:
    """Return the best policy, its margin and those tied with it for each pair of values."""
    need(results, x, y)
    policies = results.manifest.policies
    rows = table(results, ["policy", x, y], [metric])
    numeric(rows, x, y)
    means = {(row["policy"], row[x], row[y]): row["mean"] for row in rows}
    apart = {}
    for i, one in enumerate(policies):
        for two in policies[i + 1 :]:
            pairs = compare(results, f"policy={one},{two}", metric, [x, y])
            numeric(pairs, x, y)
            for row in pairs:
                apart[one, two, row[x], row[y]] = apart[two, one, row[x], row[y]] = row["verdict"]
    more = metric in HIGHER_IS_BETTER
    cells = []
    for place in dict.fromkeys((row[x], row[y]) for row in rows):
        here = [(means[p, *place], p) for p in policies if not math.isnan(means.get((p, *place), math.nan))]
        ranked = sorted(here, key=lambda pair: -pair[0] if more else pair[0])
        if not ranked:
            continue
        first = ranked[0]
        tied = tuple(p for _, p in ranked[1:] if apart.get((first[1], p, *place)) not in ("more", "less"))
        margin = abs(ranked[1][0] - first[0]) if len(ranked) > 1 else 0.0
        cells.append(BestCell(*place, first[1], margin, tied, len(tied) + 1 < len(ranked)))
    return cells
