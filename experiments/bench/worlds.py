"""Episodes per second for each world and policy, as ratios to records under plan-once."""

from __future__ import annotations

import tempfile
from functools import cache, partial
from pathlib import Path

import duckdb

from plandrift.experiments.bench.timing import line, ratio, seconds
from plandrift.experiments.sweeps.condition import condition
from plandrift.worlds import WORLDS

POLICIES = ("plan-once", "gated", "replan-each", "read-back")


def every_world() -> None:
    """Print one row per world."""
    base = partial(_play, "records", "plan-once", 40)
    base()
    each = seconds(base) / 40
    print(
        f"time per episode, relative to records under plan-once ({1000 * each:.2f} ms, {1 / each:.0f} "
        "per second)"
    )
    print(f"  {'':<16}" + "".join(f"{policy:>26}" for policy in POLICIES))
    for world in WORLDS:
        cells = []
        for policy in POLICIES:
            one = partial(_play, world, policy, 4)
            one()
            found = ratio(one, partial(_play, "records", "plan-once", 20), rounds=3)
            cells.append(f"{5 * found.middle:9.1f} × ({5 * found.low:.1f}–{5 * found.high:.1f})".rjust(26))
        print(f"  {world:<16}" + "".join(cells), flush=True)


def _play(world: str, policy: str, count: int) -> None:
    own = {"world.log": _log()} if world == "recorded" else {}
    made = condition(world, policy, {"horizon": 50, "channel.latency": 1} | own)
    for seed in range(count):
        made.run(seed)


@cache
def _log() -> str:
    """Return a log of 100,000 changes of 500 fluents, by 40 people, two at a time."""
    path = Path(tempfile.mkdtemp(prefix="plandrift-bench-")) / "log.parquet"
    duckdb.execute(
        f"""copy (select i * 300 as time, 'file-' || hash(i) % 500 as fluent, 'v' || i as value,
            's' || i // 2 as set, 'author-' || hash(i // 2) % 40 as who
            from range(100000) t(i)) to '{path}' (format parquet)"""
    )
    return str(path)


def note() -> None:
    """Print the settings."""
    line("each with its own defaults, horizon 50, observation latency 1", "")
