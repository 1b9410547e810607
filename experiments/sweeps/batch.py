"""A batch of a sweep: some seeds of some conditions, run in one process and returned in columns."""

from __future__ import annotations

import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plandrift.experiments.sweeps.chunk_records import Origin
from plandrift.experiments.sweeps.condition import Condition
from plandrift.experiments.sweeps.engines import episode, regret_of
from plandrift.experiments.sweeps.engines import rows as rows_of
from plandrift.experiments.sweeps.spec import REGRET
from plandrift.experiments.sweeps.wall_clock_limit import WallClockLimitError
from plandrift.sim import plain
from plandrift.sim.measure.metrics import COUNTS, METRICS

Columns = dict[str, NDArray[Any]]

CHUNK = 512
"""How many seeds a faster engine runs at once: their rows fit into a processor's cache."""


@dataclass(frozen=True)
class SeedRange:
    """Seeds `first` to `first + count - 1` of the condition at place `number` in the sweep.

    `engine` is the engine that runs them (`plandrift.experiments.sweeps.engines`).
    """

    number: int
    condition: Condition
    first: int
    count: int
    engine: str = "simpy"


@dataclass(frozen=True)
class Crash:
    """An episode that raised an exception.

    Attributes:
        number: the condition's place in the sweep.
        condition: the condition's id.
        seed: the episode's seed.
        error: the exception, in one line.
        traceback: the whole traceback.
    """

    number: int
    condition: str
    seed: int
    error: str
    traceback: str


@dataclass(frozen=True)
class BatchRows:
    """The results of a batch.

    Attributes:
        episodes: columns `number`, `seed` and each metric; one row per episode.
        steps: columns of the fired steps; empty unless they were requested.
        crashes: the episodes that raised an exception.
        origin: what made them; None from a worker older than this field.
        seconds: how long the batch took, to choose the size of the next.
    """

    episodes: Columns
    steps: Columns
    crashes: list[Crash] = field(default_factory=list)
    seconds: float = 0.0
    origin: Origin | None = None


def run_batch(ranges: Sequence[SeedRange], steps: bool = False, regret: bool = False) -> BatchRows:
    """Run the episodes of a batch.

    An episode that raises becomes a `Crash` and does not stop the others. `steps` keeps one row per fired
    step; `regret` measures regret as well.

    Raises:
        SettingError: this process lacks something that the condition names.
        WallClockLimitError: an episode exceeded the real-time limit, which is not a result.
    """
    began = time.perf_counter()
    parts: list[Columns] = [_columns([], regret)]
    fired: list[dict[str, Any]] = []
    crashes: list[Crash] = []
    for some in ranges:
        _ = some.condition.parts  # an import error in this process is not a failure of the episode
        for first in range(some.first, some.first + some.count, CHUNK):
            seeds = range(first, min(first + CHUNK, some.first + some.count))
            fast, left = (None, seeds) if steps else _fast(some, seeds, regret)
            if fast is not None:
                parts.append(fast)
            if left:
                rows = _one_by_one(some, left, steps, regret, fired, crashes)
                parts.append(_columns(rows, regret))
    episodes = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    origin = Origin.here(", ".join(sorted({some.engine.partition(":")[0] for some in ranges})))
    return BatchRows(episodes, _step_columns(fired), crashes, time.perf_counter() - began, origin)


def _fast(some: SeedRange, seeds: range, regret: bool) -> tuple[Columns | None, Sequence[int]]:
    """Return the columns of the seeds that a faster engine has run, and the seeds that it has not."""
    try:
        found = rows_of(some.condition, seeds.start, len(seeds), some.engine)
        if found is None:
            return None, seeds
        columns = found.columns
        if regret:
            reached = columns["effectiveness"]
            columns[REGRET] = regret_of(some.condition, seeds.start, reached, some.engine)
    except Exception:
        return None, seeds  # one by one, so that each failure is recorded with its seed
    columns["number"], columns["seed"] = np.full(len(seeds), some.number), np.arange(seeds.start, seeds.stop)
    if found.ran.all():
        return columns, ()
    return {name: column[found.ran] for name, column in columns.items()}, np.array(seeds)[~found.ran].tolist()


def _one_by_one(
    some: SeedRange,
    seeds: Sequence[int],
    steps: bool,
    regret: bool,
    fired: list[dict[str, Any]],
    crashes: list[Crash],
) -> list[dict[str, Any]]:
    """Run these seeds and return their rows; their steps are added to `fired`, and failures to `crashes`."""
    rows = []
    for seed in seeds:
        try:
            ran = episode(some.condition, seed, some.engine, steps=steps)
            row = ran.row
            if regret:
                reached = np.array([row["effectiveness"]])
                row[REGRET] = float(regret_of(some.condition, seed, reached, some.engine)[0])
        except WallClockLimitError as error:
            error.number, error.seed = some.number, seed
            raise
        except Exception as error:
            line = " ".join(f"{type(error).__name__}: {error}".split())
            crashes.append(Crash(some.number, some.condition.id, seed, line, traceback.format_exc()))
            continue
        rows.append(row | {"number": some.number, "seed": seed})
        fired += [{"number": some.number, "seed": seed, **_flat(step.row())} for step in ran.steps if steps]
    return rows


def _columns(rows: Sequence[dict[str, Any]], regret: bool) -> Columns:
    """Return rows as columns."""
    found: Columns = {}
    for name in ("number", "seed", *METRICS, *([REGRET] if regret else [])):
        values = [row[name] for row in rows]
        whole = name in COUNTS or name in ("number", "seed")
        # A count that an engine leaves empty is NaN.
        kind = np.int64 if whole and not any(value != value for value in values) else np.float64
        found[name] = np.array(values, kind)
    return found


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Return a step's row with its lists turned into text."""
    row["violated"] = ", ".join(f"{v['fluent']} ({v['since']:.6g})" for v in row["violated"])
    row["shown"], row["mast"] = ", ".join(row["shown"]), ", ".join(row["mast"])
    return row


_STEP_NUMBERS = ("time", "plan_age", "staleness", "direct", "perceived", "blind", "version", "landed")
_STEP_COUNTS = ("number", "seed", "step", "plan")
_STEP_FLAGS = ("stale", "moved", "misfire", "silent", "after_goals", "mismatch")


def _step_columns(rows: list[dict[str, Any]]) -> Columns:
    """Return the steps' rows as columns, each of a single type."""
    columns: Columns = {}
    for name in rows[0] if rows else ():
        values = [row[name] for row in rows]
        if name in _STEP_COUNTS:
            columns[name] = np.array(values, np.int64)
        elif name in _STEP_NUMBERS:
            columns[name] = np.array(values, np.float64)
        elif name in _STEP_FLAGS:
            columns[name] = np.array(values, np.bool_)
        else:
            columns[name] = np.array(["" if v is None else str(plain(v)) for v in values], object)
    return columns
