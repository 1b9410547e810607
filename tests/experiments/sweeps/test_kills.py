"""Killed fifty times at any moment, stopped and continued, with a clock that jumps: the rows are the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import pytest

from plandrift.experiments.sweeps.run import sweep
from tests.command import start
from tests.experiments.sweeps.test_damage import rows

pytestmark = pytest.mark.long

RAW: dict[str, Any] = {
    "world": "telegraph",
    "seeds": 200,
    "horizon": 20,
    "grid": {"policy": ["plan-once", "gated"], "volatility": [0.05, 0.2]},
}
KILLS = 50

# What is killed is a process that has everything loaded, forked from one with no thread of its own: to start
# the command fifty times would take minutes. It writes a chunk every few episodes, so many a kill is in one.
KILLED = """
import os, random, signal, sys, time
from concurrent.futures import ThreadPoolExecutor
import plandrift.experiments.sweeps.run as run
import plandrift.experiments.sweeps.results_repair, duckdb, scipy.stats
os.mkdir(sys.argv[2])
run.processes, run.BATCH_SECONDS = ThreadPoolExecutor, 0.005
take = run._Sweep._take
def often(self, ranges, done):
    take(self, ranges, done)
    self._write()
run._Sweep._take = often
raw, folder, kills = eval(sys.argv[1]), sys.argv[2], int(sys.argv[3])
chance, number = random.Random(14), 0
while kills:
    child = os.fork()
    if not child:
        run.sweep(raw, f"{folder}/{number}", steps=True, workers=1)
        os._exit(0)
    time.sleep(chance.uniform(0.02, 0.25))
    os.kill(child, signal.SIGKILL)
    killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
    kills, number = kills - killed, number + (not killed)
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plandrift.experiments.sweeps.run.processes", ThreadPoolExecutor)
        folder = tmp_path_factory.mktemp("whole") / "out"
        sweep(RAW, folder, steps=True, workers=1)
    return rows(folder)


@pytest.mark.slow
def test_killed_fifty_times_it_has_each_row_once(
    whole: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = subprocess.run(
        # In `out` is a folder for each time that it came to its end before it was killed.
        [sys.executable, "-c", KILLED, repr(RAW), str(tmp_path / "out"), str(KILLS)],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    monkeypatch.setattr("plandrift.experiments.sweeps.run.processes", ThreadPoolExecutor)
    folders = list((tmp_path / "out").iterdir())
    assert folders
    for folder in folders:
        assert sweep(RAW, folder, steps=True, workers=1).repaired == []
        assert rows(folder) == whole


@pytest.mark.slow
def test_a_clock_that_jumps_changes_nothing(
    whole: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jumps = count()
    monkeypatch.setattr("plandrift.experiments.sweeps.run.processes", ThreadPoolExecutor)
    monkeypatch.setattr(time, "time", lambda: 1e9 * (next(jumps) % 3))
    sweep(RAW, tmp_path / "out", steps=True, workers=1)
    assert rows(tmp_path / "out") == whole


@pytest.mark.slow
def test_stopped_and_continued_it_goes_on(whole: list[Any], tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text(
        'world = "telegraph"\nseeds = 200\nhorizon = 20\n[grid]\npolicy = ["plan-once", "gated"]\n'
        "volatility = [0.05, 0.2]\n"
    )
    process = start("sweep", "spec.toml", "--out", "out", "--steps", "--engine", "simpy", cwd=tmp_path)
    time.sleep(1.5)
    for sign in (signal.SIGSTOP, signal.SIGCONT):
        for one in [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]:
            os.kill(one.pid, sign)
        time.sleep(1)
    said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert rows(tmp_path / "out") == whole
