"""The effect of each part of a policy."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from plandrift.experiments.analysis.best import HIGHER_IS_BETTER
from plandrift.experiments.analysis.selection import averaging
from plandrift.experiments.analysis.tables import compare, table
from plandrift.experiments.figures.kinds.kind import figure_kind, note
from plandrift.sim import SettingError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from plandrift.experiments.sweeps.results import Results


@figure_kind(
    "ablation",
    "What each part does",
    lambda results: any(name.startswith("policy.") for name in results.manifest.varies),
)
def ablation(results: Results, metric: str = "first_misfire_rate") -> Figure:
    """Draw paired differences, with intervals, from switching each part: one row per part and policy."""
    from plandrift.experiments.figures.bars import intervals_figure

    found = []
    results = averaging(results)
    parts = [name for name in results.manifest.varies if name.startswith("policy.")]
    if not parts:
        raise SettingError(
            "no part of a policy varies in the sweep: vary at least one, such as policy.drift_gate"
        )
    by = ["policy"] if len(results.manifest.policies) > 1 else []
    for part in parts:
        values = list(dict.fromkeys(row[part] for row in table(results, [part], [metric])))
        for before, after in pairwise(values):
            words = [
                str(v).lower() if isinstance(v, bool) else f"{v:g}" if isinstance(v, float) else v
                for v in (before, after)
            ]
            for row in compare(results, f"{part}={words[1]},{words[0]}", metric, by):
                policy = f"{row['policy']}: " if by else ""
                name = f"{policy}{part.removeprefix('policy.').replace('_', ' ')} {words[0]} → {words[1]}"
                found.append((name, row["difference"], row["low"], row["high"]))
    more = metric in HIGHER_IS_BETTER
    return intervals_figure(
        found,
        results.manifest.title,
        note(results, [*parts, *by]) + averaged_parts(parts),
        metric=metric,
        less="worse" if more else "better",
        more="better" if more else "worse",
    )


def averaged_parts(parts: list[str]) -> str:
    """Return a remark on the other parts."""
    return "; each row averages over all values of the other parts" if len(parts) > 1 else ""
