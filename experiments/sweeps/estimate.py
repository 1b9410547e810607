"""How long a sweep would take and how much disk: measured on a few of its episodes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from experiments.sweeps.batch import Done, Piece, run_chunk
from experiments.sweeps.condition import Point
from worlds.sql import quoted

TRIAL_SECONDS = 3.0
"""How long the trial may take, once each of the first few conditions has been tried."""


@dataclass(frozen=True)
class Trial:
    """What a short trial measured.

    Attributes:
        episodes: how many were run.
        seconds: an episode takes, on the mean.
        bytes: a row takes on disk, on the mean.
        failed: how many raised.
    """

    episodes: int
    seconds: float
    bytes: float
    failed: int


def trial(points: Sequence[Point], steps: bool, regret: bool) -> Trial:
    """Run one episode each of conditions spread over the sweep, for about `TRIAL_SECONDS`."""
    began = time.perf_counter()
    dones: list[Done] = []
    stride = max(1, len(points) // 40)
    for number in [*range(0, len(points), stride)]:
        # The first run of a condition warms caches that a sweep fills once.
        pieces = [Piece(number, points[number], 0, 1)]
        run_chunk(pieces)
        dones.append(run_chunk(pieces, steps, regret))
        if time.perf_counter() - began > TRIAL_SECONDS and len(dones) >= 3:
            break
    count = len(dones)
    seconds = sum(done.seconds for done in dones) / count
    rows = run_chunk([Piece(0, points[0], 0, 50)], steps, regret)
    size = 0
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        for kind in ("episodes", "steps"):
            columns = getattr(rows, kind)
            if columns:
                path = Path(folder) / f"{kind}.parquet"
                connection.register("rows", columns)
                connection.execute(f"copy (select * from rows) to {quoted(path)} (format parquet)")
                size += path.stat().st_size
    return Trial(count, seconds, size / 50, sum(len(done.crashes) for done in dones))
