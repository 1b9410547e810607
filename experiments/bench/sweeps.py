"""What a sweep adds to its episodes: overhead, workers, memory, rows."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from plandrift.experiments.bench.timing import Spread, line, seconds
from plandrift.experiments.sweeps.batch import SeedRange, run_batch
from plandrift.experiments.sweeps.combinations import conditions_of
from plandrift.experiments.sweeps.run import sweep
from plandrift.experiments.sweeps.spec import spec_from
from plandrift.experiments.sweeps.store import ResultsWriter
from plandrift.sim.measure.metrics import COUNTS, METRICS

SPEC: dict[str, Any] = {
    "world": "records",
    "policy": "plan-once",
    "grid": {"volatility": [0.05, 0.1]},
    "fixed": {"horizon": 40},
}
SHORT: dict[str, Any] = {
    "world": "telegraph",
    "policy": "plan-once",
    "fixed": {"world.steps": 2},
    "grid": {"volatility": [0.01, 0.1, 0.2, 0.5]},
}


def overhead(seeds: int = 4000) -> None:
    """Compare one worker with the bare episodes, and two workers with one."""
    print(f"a sweep of {2 * seeds} episodes of records")
    conditions = conditions_of(spec_from(SPEC | {"seeds": seeds}))
    ranges = [SeedRange(i, one, 0, seeds) for i, one in enumerate(conditions)]
    over, gain = [], []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            bare = seconds(lambda: run_batch(ranges))
            one = _took(SPEC | {"seeds": seeds}, Path(folder) / "one", 1)
            two = _took(SPEC | {"seeds": seeds}, Path(folder) / "two", 2)
        over.append(one / bare)
        gain.append(one / two)
    line("one worker against the same episodes in a loop (aim: at most 1.05 ×)", _spread(over))
    line("one worker's time against two workers' (aim: 1.85 ×)", _spread(gain))


def reading(rows: int = 1_000_000) -> None:
    """Time rows written per second, and commands that read few or a million of them."""
    spec = spec_from(SPEC | {"seeds": 1})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sweep(spec, folder / "out", engine="simpy")
        _command("run", "records", aim=0.4)
        _command("table", folder / "out", "--by", "volatility", aim=0.6)
        random = np.random.default_rng(0)
        each = rows // 20
        writer = ResultsWriter(folder / "out")
        began = time.perf_counter()
        for part in range(20):
            columns: dict[str, Any] = {
                "number": random.integers(2, size=each),
                "seed": np.arange(part * each, (part + 1) * each) // 2 + 1,
            }
            for metric in METRICS:
                column = random.random(each)
                columns[metric] = (9 * column).astype(np.int64) if metric in COUNTS else column
            writer.write(columns)
        wrote = time.perf_counter() - began
        line(f"{rows} rows written", f"{rows / wrote:,.0f} per second")
        _command("table", folder / "out", "--by", "volatility", aim=1.5)
        _command("plot", folder / "out", aim=4.0)


def _command(*words: str | Path, aim: float) -> None:
    """Print the CPU time of a command, from the start of Python to its end."""
    call = [sys.executable, "-c", "from plandrift.experiments.cli.main import main; main()", *map(str, words)]
    subprocess.run(call, stdout=subprocess.DEVNULL, check=True)
    began = os.times()
    subprocess.run(call, stdout=subprocess.DEVNULL, check=True)
    ended = os.times()
    took = ended.children_user + ended.children_system - began.children_user - began.children_system
    line(f"plandrift {words[0]}, CPU s (aim: under {aim})", f"{took:.2f} s")


def memory(episodes: int) -> None:
    """Measure the peak memory of the parent and of a worker over many short episodes."""
    print(f"{episodes} short episodes on two workers")
    peaks = {"parent": 0, "worker": 0}
    over = threading.Event()

    def watch() -> None:
        me = psutil.Process()
        while not over.wait(0.5):
            peaks["parent"] = max(peaks["parent"], me.memory_info().rss)
            for child in me.children(recursive=True):
                try:
                    peaks["worker"] = max(peaks["worker"], child.memory_info().rss)
                except psutil.Error:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    with tempfile.TemporaryDirectory() as folder:
        took = _took(SHORT | {"seeds": episodes // 4}, Path(folder) / "out", 2)
    over.set()
    watcher.join()
    line("episodes per second", f"{episodes / took:,.0f}")
    for who, peak in peaks.items():
        line(
            f"peak memory of {'the parent' if who == 'parent' else 'a worker'} (aim: under 500 MB)",
            f"{peak / 1e6:.0f} MB",
        )


def _took(spec: dict[str, Any], out: Path, workers: int) -> float:
    return sweep(spec, out, workers=workers, engine="simpy").seconds


def _spread(values: list[float]) -> Spread:
    ordered = sorted(values)
    return Spread(ordered[0], ordered[len(ordered) // 2], ordered[-1])
