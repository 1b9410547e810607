"""The compiled engine against the SimPy engine, on the same episodes."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from plandrift.experiments.bench.timing import Spread, line, seconds
from plandrift.experiments.sweeps.batch import SeedRange, run_batch
from plandrift.experiments.sweeps.condition import Condition, condition
from plandrift.experiments.sweeps.engines import make_ready
from plandrift.experiments.sweeps.run import sweep

LADDER = ("plan-once", "replan-each", "gated", "look-first", "if-match")
VOLATILITIES = (0.001, 0.0024, 0.0056, 0.0133, 0.0316, 0.075, 0.178, 0.422)
DEMO: dict[str, Any] = {
    "horizon": 60.0,
    "channel.latency": 1.0,
    "agent.thinking_time": 0.2,
    "agent.action_latency": 0.1,
    "agent.read_latency": 0.2,
}
"""The settings of `make demo`."""


FURTHER = 50
"""How many times as many seeds the compiled engine runs."""


def grids(seeds: int = 12, rounds: int = 3) -> None:
    """Time the demo's grid, draws and scenes included: whole, and where much or hardly anything happens."""
    print("the compiled engine against the SimPy engine, on new seeds, draws and rows included")
    line(
        "preparation (compiling, or reading from disk), s",
        f"{seconds(lambda: make_ready(['compiled'])):6.1f}",
    )
    for world in ("records", "telegraph"):
        at = {
            v: [condition(world, policy, DEMO | {"volatility": v}) for policy in LADDER] for v in VOLATILITIES
        }
        for name, values, aim in (
            ("the whole grid", VOLATILITIES, 300),
            ("volatility 0.422", VOLATILITIES[-1:], 300),
            ("volatility 0.001", VOLATILITIES[:1], 100),
        ):
            conditions = [one for v in values for one in at[v]]
            found = [_faster(conditions, range(turn * seeds, (turn + 1) * seeds)) for turn in range(rounds)]
            line(
                f"{world}, {name} (aim: {aim} ×)",
                Spread(min(found), sorted(found)[len(found) // 2], max(found)),
            )


def _faster(conditions: list[Condition], seeds: range) -> float:
    """Compare the CPU time of an episode on new seeds, of which the faster engine runs more."""
    took = {}
    for engine, more in (("compiled", FURTHER), ("simpy", 1)):
        ranges = [
            SeedRange(i, one, more * seeds.start, more * len(seeds), engine)
            for i, one in enumerate(conditions)
        ]
        run_batch([SeedRange(0, conditions[0], 10**6, 1, engine)])
        began = time.process_time()
        run_batch(ranges)
        took[engine] = (time.process_time() - began) / more
    return took["simpy"] / took["compiled"]


def short(episodes: int) -> None:
    """Time a sweep of short episodes on two workers, from the start to rows on disk."""
    spec = {
        "world": "telegraph",
        "policy": "plan-once",
        "fixed": {"world.steps": 2},
        "grid": {"volatility": [0.01, 0.1, 0.2, 0.5]},
        "seeds": episodes // 4,
    }
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        sweep(spec, Path(folder) / "out", engine="compiled")
        took = time.perf_counter() - began
    line(f"{episodes} short episodes on two workers, s (aim: 15 for a million)", f"{took:6.1f}")
    line("peak memory of this process, MB", f"{psutil.Process().memory_info().rss / 1e6:6.0f}")
