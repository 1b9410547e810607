"""Staleness before the fire, by position in the plan."""

from __future__ import annotations

from plandrift.experiments.analysis.selection import compared, refuse_pooling
from plandrift.experiments.analysis.tables import Row, need
from plandrift.experiments.statistics.intervals import SHARE, mean_interval
from plandrift.experiments.sweeps.results import Results
from plandrift.sim import SettingError

FEWEST = 10
"""Positions in the plan with fewer seeds than this are left out if others have more."""


def step_staleness(results: Results) -> list[Row]:
    """Return staleness before the fire by policy, volatility and position in the plan, clustered by seed.

    Raises:
        SettingError: the sweep kept no steps, has too few seeds, or another setting varies as well.
    """
    if not results.manifest.steps:
        raise SettingError("the sweep kept no steps: run it with --steps into another folder")
    need(results, "volatility")
    refuse_pooling(results, ["policy", "volatility"])
    with compared(results) as connection:
        found = connection.execute(
            """select policy, volatility, step, list(value) from (
               select policy, volatility, step, seed, avg(staleness order by condition) as value
               from compared_steps where plan = 1 group by all order by seed)
               group by 1, 2, 3 order by 1, 2, 3"""
        ).fetchall()
    rows = []
    for policy, volatility, place, values in found:
        interval = mean_interval(values, bounds=SHARE)
        rows.append(
            {
                "policy": policy,
                "volatility": volatility,
                "step": place,
                "metric": "staleness",
                "mean": interval.mean,
                "low": interval.low,
                "high": interval.high,
                "n": interval.n,
            }
        )
    # A position that few seeds reach is left out, unless the sweep has no more seeds.
    most = max((row["n"] for row in rows), default=0)
    held = [row for row in rows if row["n"] >= min(FEWEST, most)]
    if not held:
        raise SettingError(f"{results.folder}: no step has been fired yet: there is nothing to draw")
    return held
