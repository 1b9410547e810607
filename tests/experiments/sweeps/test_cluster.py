"""A sweep over a dask scheduler: its rows are those of this machine, and one that dies is one line."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.command import apart, start
from tests.experiments.sweeps.test_run import free_port, rows, wait_for_rows

pytestmark = pytest.mark.long

SPEC = 'world = "telegraph"\nseeds = {}\n[grid]\npolicy = ["plan-once", "gated"]\nvolatility = [0.05, 0.2]\n'


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of one with a worker, and its process."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    here: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    python = [sys.executable, "-m"]
    apart = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
    words = [*python, "distributed.cli.dask_scheduler", "--port", str(port), *apart]
    one = subprocess.Popen(words, **here)
    words = [*python, "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", *apart]
    other = subprocess.Popen(words, **here)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        time.sleep(3)  # the worker introduces itself
        yield address, one
    finally:
        for process in (one, other):
            process.kill()
            process.wait()


@pytest.mark.slow
def test_the_rows_are_the_same_and_a_scheduler_that_dies_is_one_line(
    scheduler: tuple[str, subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    address, process = scheduler
    (tmp_path / "spec.toml").write_text(SPEC.format(20))
    apart("sweep", "spec.toml", "--out", "here", cwd=tmp_path)
    apart("sweep", "spec.toml", "--out", "there", "--cluster", address, cwd=tmp_path)
    assert rows(tmp_path / "there") == rows(tmp_path / "here")
    (tmp_path / "spec.toml").write_text(SPEC.format(100_000))
    sweeping = start(
        "sweep", "spec.toml", "--out", "more", "--engine", "simpy", "--cluster", address, cwd=tmp_path
    )
    wait_for_rows(tmp_path / "more", sweeping)
    process.kill()
    _, said = sweeping.communicate(timeout=120)
    assert sweeping.returncode == 2, said
    assert said.startswith(f"plandrift: --cluster {address}: lost")
    assert said.count("\n") == 1, said
