"""The time and disk space that a sweep would take, measured on a few of its episodes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plandrift.experiments.sweeps.batch import BatchRows, SeedRange, run_batch
from plandrift.experiments.sweeps.condition import Condition
from plandrift.worlds.logs.sql import quoted

ESTIMATE_SECONDS = 3.0
"""How long the estimate may take, once each of the first few conditions has been tried."""


@dataclass(frozen=True)
class Estimate:
    """The measurements from a few episodes.

    Attributes:
        episodes: how many episodes were run.
        seconds: mean time per episode.
        bytes: mean size of a row on disk.
        failed: how many episodes raised an exception.
    """

    episodes: int
    seconds: float
    bytes: float
    failed: int


def estimate(conditions: Sequence[Condition], steps: bool, regret: bool) -> Estimate:
    """Run one episode each of conditions spread over the sweep, for about `ESTIMATE_SECONDS`."""
    import duckdb

    began = time.perf_counter()
    dones: list[BatchRows] = []
    stride = max(1, len(conditions) // 40)
    for number in [*range(0, len(conditions), stride)]:
        # A condition's first run warms caches that a sweep fills only once.
        ranges = [SeedRange(number, conditions[number], 0, 1)]
        run_batch(ranges)
        dones.append(run_batch(ranges, steps, regret))
        if time.perf_counter() - began > ESTIMATE_SECONDS and len(dones) >= 3:
            break
    count = len(dones)
    seconds = sum(done.seconds for done in dones) / count
    rows = run_batch([SeedRange(0, conditions[0], 0, 50)], steps, regret)
    size = 0
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        for kind in ("episodes", "steps"):
            columns = getattr(rows, kind)
            if columns:
                path = Path(folder) / f"{kind}.parquet"
                connection.register("rows", columns)
                connection.execute(f"copy (select * from rows) to {quoted(path)} (format parquet)")
                size += path.stat().st_size
    return Estimate(count, seconds, size / 50, sum(len(done.crashes) for done in dones))
