"""A sweep over a dask scheduler: its rows are those of this machine, and what is missing there is said."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from plandrift.experiments.sweeps import cluster
from plandrift.experiments.sweeps.chunk_records import installed
from plandrift.experiments.sweeps.cluster import StoppedError, Waiter
from tests.command import apart, plandrift, refused, start
from tests.experiments.sweeps.test_run import free_port, rows, wait_for_rows

pytestmark = pytest.mark.long

SPEC = 'world = "telegraph"\nseeds = {}\n[grid]\npolicy = ["plan-once", "gated"]\nvolatility = [0.05, 0.2]\n'

HERE = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]

WITHOUT = """\
import sys

class Without:
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, *more):
        return None if name.partition(".")[0] == {name!r} else self.finder.find_spec(name, *more)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
"""

OTHER = """\
import importlib.metadata as metadata

real = metadata.version
metadata.version = lambda name: "0.0.9" if name == "plandrift" else real(name)
"""

OWN = """\
from dataclasses import dataclass
from plandrift.worlds import Telegraph

@dataclass(frozen=True)
class Mine(Telegraph):
    '''Telegraph, under a name of one's own.'''
"""


class Processes:
    """A scheduler, and workers that are added to it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.all: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._start("distributed.cli.dask_scheduler", "--port", str(self.port))
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("no scheduler")

    def worker(self, customize: str = "") -> subprocess.Popen[bytes]:
        """Add one, in whose Python something is other."""
        place = Path(mkdtemp(prefix="worker-", dir=self.folder))
        env = {}
        if customize:
            (place / "sitecustomize.py").write_text(customize)
            env = {"PYTHONPATH": str(place)}
        words = (self.address, "--nthreads", "1", "--no-nanny")
        made = self._start("distributed.cli.dask_worker", *words, cwd=place, **env)
        found: Any = __import__("distributed")
        with found.Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(len(self.all) - 1, timeout=60)
        return made

    def _start(
        self, module: str, *words: str, cwd: Path | None = None, **env: str
    ) -> subprocess.Popen[bytes]:
        made = subprocess.Popen(
            [sys.executable, "-m", module, *words, *HERE],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=cwd or self.folder,
            env=os.environ | env,
        )
        self.all.append(made)
        return made


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Processes]:
    made = Processes(tmp_path)
    try:
        yield made
    finally:
        for process in made.all:
            process.kill()
            process.wait()


@pytest.fixture
def spec(tmp_path: Path) -> Callable[[int], Path]:
    def write(seeds: int) -> Path:
        (tmp_path / "spec.toml").write_text(SPEC.format(seeds))
        return tmp_path / "spec.toml"

    return write


def heard(process: subprocess.Popen[str], word: str, within: float) -> None:
    """Until the process says it on standard error."""
    assert process.stderr is not None
    began, said = time.monotonic(), ""
    while word not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
        assert time.monotonic() - began < within, said


def test_what_hangs_is_told_and_ends_when_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "TOLD_AFTER", 0.2)
    told: list[str] = []
    began = time.monotonic()
    waiter = Waiter(lambda: time.monotonic() - began > 0.6, told.append)
    with pytest.raises(StoppedError):
        waiter.waited(lambda: time.sleep(20), "a slow one")
    assert time.monotonic() - began < 3
    assert told == ["a slow one"]
    patient = Waiter(lambda: False, told.append)
    with pytest.raises(TimeoutError):
        patient.waited(lambda: time.sleep(20), "a slower one", limit=0.1)
    with pytest.raises(ZeroDivisionError):
        patient.waited(lambda: 1 / 0, "nothing")
    assert patient.waited(lambda: threading.Event().wait(0.5), "a late one") is False
    assert told[-2:] == ["a late one", ""]


def test_a_port_that_is_no_scheduler_is_one_line(
    tmp_path: Path, spec: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "ANSWERS_WITHIN", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        assert "no scheduler answers" in refused(
            "sweep", spec(2), "--out", "out", "--cluster", address, cwd=tmp_path
        )
    assert time.monotonic() - began < 8


@pytest.mark.slow
def test_a_silent_port_is_left_at_the_first_ctrl_c(tmp_path: Path, spec: Callable[[int], Path]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        process = start("sweep", spec(2), "--out", "out", "--cluster", address, cwd=tmp_path)
        held, _ = silent.accept()
        with held:
            began = time.monotonic()
            os.killpg(process.pid, signal.SIGINT)
            _, said = process.communicate(timeout=20)
        assert process.returncode == 130, said
        assert time.monotonic() - began < 4


@pytest.mark.slow
def test_workers_that_cannot_run_it_are_named_before_anything_runs(
    dask: Processes, tmp_path: Path, spec: Callable[[int], Path]
) -> None:
    assert "the scheduler has no workers" in _refused(dask, spec(5), tmp_path)
    for customize, says in (
        (WITHOUT.format(name="plandrift"), "has no plandrift"),
        (OTHER, f"has plandrift 0.0.9, and this is {installed('plandrift')}"),
    ):
        process = dask.worker(customize)
        assert says in _refused(dask, spec(5), tmp_path)
        process.kill()
        process.wait()
        dask.all.remove(process)
        time.sleep(1)
    process = dask.worker(WITHOUT.format(name="numba"))
    assert "pip install" in _refused(dask, spec(5), tmp_path, "--engine", "compiled")
    (tmp_path / "mine.py").write_text(OWN)
    own = tmp_path / "own.toml"
    own.write_text(SPEC.format(5).replace("telegraph", "mine:Mine"))
    assert "no module 'mine'" in _refused(dask, own, tmp_path)
    apart("sweep", spec(5), "--out", "simpy", "--engine", "simpy", "--cluster", dask.address, cwd=tmp_path)
    plandrift("sweep", spec(5), "--out", "here", cwd=tmp_path)
    assert rows(tmp_path / "simpy") == rows(tmp_path / "here")


def _refused(dask: Processes, spec: Path, folder: Path, *more: str) -> str:
    out = f"refused-{spec.stem}"
    done = apart("sweep", spec, "--out", out, "--cluster", dask.address, *more, cwd=folder, code=2)
    assert "Traceback" not in done.stderr
    assert not (folder / out / "episodes").exists()
    return done.stderr.splitlines()[-1]


@pytest.mark.slow
def test_rows_are_the_same_though_workers_come_and_go_and_the_scheduler_dies(
    dask: Processes, tmp_path: Path, spec: Callable[[int], Path]
) -> None:
    one, other = dask.worker(), dask.worker()
    path = spec(800)
    plandrift("sweep", path, "--out", "here", cwd=tmp_path)
    words = ("sweep", path, "--engine", "simpy", "--cluster", dask.address)
    process = start(*words, "--out", "there", cwd=tmp_path)
    wait_for_rows(tmp_path / "there", process)
    one.kill()
    said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert rows(tmp_path / "there") == rows(tmp_path / "here")
    spec(100_000)
    process = start(*words, "--out", "more", cwd=tmp_path)
    wait_for_rows(tmp_path / "more", process)
    other.kill()
    heard(process, "waiting for workers", 15)
    os.killpg(process.pid, signal.SIGINT)
    _, rest = process.communicate(timeout=20)
    assert process.returncode == 130, rest
    for dead in (one, other):
        dead.wait()
        dask.all.remove(dead)
    dask.worker()
    process = start(*words, "--out", "more", cwd=tmp_path)
    wait_for_rows(tmp_path / "more", process, len(list((tmp_path / "more" / "episodes").iterdir())) + 1)
    dask.scheduler.kill()
    _, rest = process.communicate(timeout=120)
    assert process.returncode == 2, rest
    assert f"plandrift: --cluster {dask.address}: lost" in rest.splitlines()[-1]
