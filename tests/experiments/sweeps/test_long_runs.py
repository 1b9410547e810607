"""A sweep of a great many episodes goes on at once, and its memory at the end is that at its middle."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import duckdb
import numpy as np
import psutil
import pytest

from plandrift.experiments.sweeps.chunk_records import ChunkRecord, add_record, digests_of, installed
from plandrift.experiments.sweeps.combinations import conditions_of
from plandrift.experiments.sweeps.manifest import manifest_of
from plandrift.experiments.sweeps.parts import part_name
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.spec import spec_from
from plandrift.experiments.sweeps.store import open_folder
from tests.command import start

RAW = {"world": "telegraph", "policy": "gated", "seeds": 200_000, "grid": {"volatility": list(range(1, 101))}}
PARTS = 10

GO_ON = """\
import resource, sys, time
from pathlib import Path
from plandrift.experiments.sweeps.run import _Sweep
from plandrift.experiments.sweeps.store import ResultsWriter

before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
left = _Sweep(ResultsWriter(Path(sys.argv[1])), None, {}).backlog
found = [(some.first, some.count) for some in left.take(1000)]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(left.left, len(found), set(found), (peak - before) // 1000, time.process_time() - began)
"""


@pytest.mark.slow
def test_twenty_million_finished_episodes_are_gone_on_from_at_once(tmp_path: Path) -> None:
    """A set of their seeds alone would take more than a thousand megabytes."""
    spec = spec_from(RAW)
    conditions = conditions_of(spec)
    with open_folder(tmp_path / "out", manifest_of(spec, conditions, False), "", False):
        (tmp_path / "out" / "episodes").mkdir()
    each = 200_000 // PARTS
    paths = [tmp_path / "out" / "episodes" / part_name(number) for number in range(PARTS)]
    with duckdb.connect() as connection:
        connection.register("known", {"condition": np.array([one.id for one in conditions], object)})
        for number, path in enumerate(paths):
            seeds = f"range({number * each}, {(number + 1) * each - (path == paths[-1])}) t(seed)"
            connection.execute(
                f"copy (select condition, seed from known, {seeds}) to '{path}' (format parquet)"
            )
    for number, digest in enumerate(digests_of(paths)):
        made = ChunkRecord(number, 0, {"episodes": digest}, installed("plandrift"), np.__version__, "simpy")
        add_record(tmp_path / "out", made)
    done = subprocess.run(
        [sys.executable, "-c", GO_ON, tmp_path / "out"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("0 100 {(199999, 1)} ")
    megabytes, seconds = map(float, done.stdout.split()[-2:])
    assert megabytes < 130
    assert seconds < 5


@pytest.mark.slow
def test_memory_and_descriptors_stay_flat(tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text(
        'world = "telegraph"\npolicy = "gated"\nseeds = 4000\nhorizon = 20\nvolatility = 0.1\n'
    )
    process = start("sweep", "spec.toml", "--out", "out", "--engine", "simpy", cwd=tmp_path)
    seen: list[tuple[int, int]] = []
    done = 0.0
    while process.poll() is None:
        time.sleep(0.1)
        now = (
            Results(tmp_path / "out").progress()["done"]
            if (tmp_path / "out" / "progress.json").exists()
            else 0
        )
        if now < done + 400:
            continue
        done = now
        with suppress(psutil.NoSuchProcess):  # it ends
            those = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            held = [(one.memory_info().rss, one.num_fds()) for one in those]
            seen.append((sum(rss for rss, _ in held), sum(fds for _, fds in held)))
    _, said = process.communicate()
    assert process.returncode == 0, said
    assert len(seen) >= 4
    half = len(seen) // 2
    assert seen[-1][0] < 1.1 * seen[half][0]
    assert seen[-1][1] <= seen[half][1] + 2
