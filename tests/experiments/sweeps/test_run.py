"""Sweeps: nothing is lost and nothing is run twice, whatever is killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest

from plandrift.experiments.sweeps.chunk_records import FILE
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import sweep
from plandrift.sim import PlandriftError, SettingError
from tests.command import apart, plandrift, refused, start

pytestmark = pytest.mark.long

SPEC = """\
title = "How stale?"
world = "telegraph"
seeds = {seeds}
[grid]
policy = ["plan-once", "gated"]
volatility = [0.05, 0.2]
[fixed]
"channel.latency" = 1
"""


FAILING = '''\
import os
from dataclasses import dataclass
from plandrift.worlds import Telegraph


@dataclass(frozen=True)
class Flaky(Telegraph):
    """Telegraph that breaks down on some seeds."""

    def begin(self, random, horizon):
        if os.environ.get("BREAKS") and random["mine"].random() < 0.3 and self.volatility > 0.1:
            raise ZeroDivisionError("the wire came loose")
        return super().begin(random, horizon)
'''


def spec(folder: Path, seeds: int = 30, text: str = SPEC) -> Path:
    path = folder / "spec.toml"
    path.write_text(text.format(seeds=seeds))
    return path


def rows(folder: Path) -> list[tuple[Any, ...]]:
    """Every row, in an order of its own."""
    with Results(folder).connect() as connection:
        return connection.execute("select * from episodes order by condition, seed").fetchall()


def wait_for_rows(folder: Path, process: subprocess.Popen[str], least: int = 1) -> None:
    """Until a part file is there: the sweep is then in the middle of it."""
    for _ in range(600):
        if (folder / "manifest.json").exists() and len(Results(folder).parts()) >= least:
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError("the sweep wrote nothing")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[Any, ...]]]:
    """A sweep of some seconds, and its rows."""
    folder = tmp_path_factory.mktemp("undisturbed")
    path = spec(folder, seeds=800)
    plandrift("sweep", path, "--out", "out", "--workers", 2, cwd=folder)
    return path, rows(folder / "out")


def test_the_folder_holds_what_it_promises(tmp_path: Path) -> None:
    path = spec(tmp_path)
    plandrift("sweep", path, "--out", "out", "--steps", cwd=tmp_path)
    out = tmp_path / "out"
    assert (out / "spec.toml").read_text() == path.read_text()
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["seeds"] == 30
    assert len(manifest["conditions"]) == 4
    assert manifest["conditions"][0]["settings"]["channel.latency"] == 1.0
    assert manifest["versions"]["simpy"]
    with duckdb.connect() as connection:
        columns = [
            r[0] for r in connection.execute(f"describe select * from '{out}/episodes/*.parquet'").fetchall()
        ]
    assert columns[:5] == ["condition", "world", "policy", "volatility", "seed"]
    with Results(out).connect() as connection:
        steps = connection.execute(
            "select s.n = e.steps_fired from (select condition, seed, count(*) n from steps group by all) s "
            "join episodes e using (condition, seed)"
        ).fetchall()
        failed = connection.execute("select count(*) from steps where outcome <> 'effective'").fetchone()
    assert len(steps) == 120
    assert all(same for (same,) in steps)
    assert failed is not None
    assert failed[0] > 0


WAYS: dict[str, tuple[str, int, dict[str, Any]]] = {
    "alone": ("simpy", 1, {"PYTHONHASHSEED": "0"}),
    "elsewhere": ("simpy", 4, {"PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "LC_ALL": "tr_TR.UTF-8"}),
    "compiled": ("compiled", 1, {"PYTHONHASHSEED": "1", "TZ": "America/New_York"}),
    "compiled-spread": ("compiled", 2, {"PYTHONHASHSEED": "2", "LC_ALL": "C", "NUMBA_NUM_THREADS": "2"}),
}
"""Ways to run one sweep: by engine, processes, hash seed, time zone, locale."""


@pytest.mark.slow
def test_rows_are_the_same_whatever_runs_them(tmp_path: Path) -> None:
    pytest.importorskip("numba", reason="needs the extra `fast`")
    path = spec(tmp_path)
    for name, (engine, workers, env) in WAYS.items():
        words = ("--out", name, "--engine", engine, "--workers", workers)
        apart("sweep", path, *words, cwd=tmp_path, **env)
        assert rows(tmp_path / name) == rows(tmp_path / "alone")


def test_a_row_is_that_of_the_episode(tmp_path: Path) -> None:
    raw: dict[str, Any] = {"world": "records", "policy": "gated", "seeds": 3, "volatility": 0.1}
    results = sweep(raw, tmp_path / "out").results
    point = results.manifest.conditions[0]
    with results.connect() as connection:
        held = connection.execute("select * from episodes where seed = 2").fetchone()
        names = [d[0] for d in connection.description or []]
    assert held is not None
    row = dict(zip(names, held, strict=True))
    for name, value in point.run(2).metrics.row().items():
        assert row[name] == value or (row[name] is None and value != value)


@pytest.mark.slow
def test_a_killed_worker_is_replaced(undisturbed: tuple[Path, list[tuple[Any, ...]]], tmp_path: Path) -> None:
    path, whole = undisturbed
    process = start("sweep", path, "--out", "out", "--engine", "simpy", cwd=tmp_path)
    wait_for_rows(tmp_path / "out", process)
    busiest = max(psutil.Process(process.pid).children(recursive=True), key=lambda p: sum(p.cpu_times()[:2]))
    busiest.kill()
    said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert rows(tmp_path / "out") == whole


def test_a_folder_older_than_a_metric_can_still_be_read(tmp_path: Path) -> None:
    results = sweep({"world": "telegraph", "policy": "gated", "seeds": 3}, tmp_path / "out").results
    (tmp_path / "out" / FILE).unlink()
    for part in results.parts():
        with duckdb.connect() as db:
            db.execute(f"copy (select * exclude (plan_distance) from '{part}') to '{tmp_path}/old.parquet'")
        (tmp_path / "old.parquet").replace(part)
    with results.connect() as db:
        found = db.execute("select count(*), count(*) filter (isnan(plan_distance)) from episodes")
        assert found.fetchone() == (3, 3)


@pytest.mark.slow
def test_stopped_by_ctrl_c_then_killed_it_goes_on_each_time_and_nothing_is_lost(
    undisturbed: tuple[Path, list[tuple[Any, ...]]], tmp_path: Path
) -> None:
    path, whole = undisturbed
    process = start("sweep", path, "--out", "out", "--engine", "simpy", cwd=tmp_path)
    wait_for_rows(tmp_path / "out", process)
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert time.monotonic() - began < 5
    assert "Traceback" not in said
    assert "resumes from here" in said
    kept = rows(tmp_path / "out")
    assert 0 < len(kept) < len(whole)
    status = plandrift("status", "out", cwd=tmp_path).stdout
    assert f"done {len(kept)}  left {len(whole) - len(kept)}  failed 0" in status
    assert "not running" in status
    parts = len(Results(tmp_path / "out").parts())
    process = start("sweep", path, "--out", "out", "--engine", "simpy", cwd=tmp_path)
    wait_for_rows(tmp_path / "out", process, parts + 1)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    before = rows(tmp_path / "out")
    assert len(kept) < len(before) < len(whole)
    gone, left = psutil.wait_procs(workers, timeout=10)
    assert gone
    assert not left, "workers outlive their parent"
    again = plandrift("sweep", path, "--out", "out", cwd=tmp_path)
    assert f"{len(whole) - len(before)} episodes run" in again.stderr
    assert rows(tmp_path / "out") == whole


def test_a_second_sweep_into_the_same_folder_is_refused(tmp_path: Path) -> None:
    path = spec(tmp_path, seeds=100_000)
    process = start("sweep", path, "--out", "out", "--engine", "simpy", cwd=tmp_path)
    try:
        wait_for_rows(tmp_path / "out", process)
        assert "another sweep is writing" in refused("sweep", path, "--out", "out", cwd=tmp_path)
        assert "  running, " in plandrift("status", "out", cwd=tmp_path).stdout
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_another_spec_is_refused_with_the_difference_and_extend_adds_it(tmp_path: Path) -> None:
    path = spec(tmp_path, seeds=10)
    plandrift("sweep", path, "--out", "out", cwd=tmp_path)
    first = rows(tmp_path / "out")
    path.write_text(SPEC.format(seeds=12).replace("[0.05, 0.2]", "[0.05, 0.2, 0.4]"))
    line = refused("sweep", path, "--out", "out", cwd=tmp_path)
    assert "seeds was 10 and is 12" in line
    assert "volatility = 0.4" in line
    assert "--extend" in line
    plandrift("sweep", path, "--out", "out", "--extend", cwd=tmp_path)
    extended = rows(tmp_path / "out")
    assert len(extended) == 6 * 12
    assert set(first) <= set(extended)
    path.write_text(SPEC.format(seeds=12) + '"agent.slip" = 0.1\n')
    assert "leaves out" in refused("sweep", path, "--out", "out", cwd=tmp_path)


def test_extending_by_a_setting_fills_it_in_for_the_rows_that_are_there(tmp_path: Path) -> None:
    raw: dict[str, Any] = {"world": "telegraph", "seeds": 4, "policy": "plan-once"}
    sweep(raw | {"grid": {"volatility": [0.1, 0.2]}}, tmp_path / "out")
    sweep(raw | {"grid": {"volatility": [0.1], "channel.latency": [2, 3]}}, tmp_path / "out", extend=True)
    with Results(tmp_path / "out").connect() as connection:
        found = connection.execute(
            'select volatility, "channel.latency", count(*) from episodes group by all order by all'
        ).fetchall()
    assert found == [(0.1, 0.0, 4), (0.1, 2.0, 4), (0.1, 3.0, 4), (0.2, 0.0, 4)]


@pytest.mark.slow
def test_failed_episodes_are_told_stop_no_other_and_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "flaky.py").write_text(FAILING)
    path = spec(tmp_path, text=SPEC.replace("telegraph", "flaky:Flaky"))
    monkeypatch.setenv("BREAKS", "1")
    done = plandrift("sweep", path, "--out", "out", cwd=tmp_path, code=1)
    assert "ZeroDivisionError: the wire came loose" in done.stderr
    failures = Results(tmp_path / "out").failures()
    assert 5 < len(failures) < 40
    assert all("the wire came loose" in f.traceback for f in failures)
    assert len(rows(tmp_path / "out")) == 120 - len(failures)
    assert f"failed {len(failures)}" in plandrift("status", "out", cwd=tmp_path).stdout
    monkeypatch.delenv("BREAKS")
    still = plandrift("sweep", path, "--out", "out", cwd=tmp_path, code=1)
    assert "0 episodes run" in still.stderr
    plandrift("sweep", path, "--out", "out", "--retry-failed", cwd=tmp_path)
    assert len(rows(tmp_path / "out")) == 120
    assert not Results(tmp_path / "out").failures()


@pytest.mark.slow
def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", str(small)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        path = spec(tmp_path, seeds=800)
        done = plandrift("sweep", path, "--out", small / "out", cwd=tmp_path, code=2)
        assert "make room" in done.stderr.splitlines()[-1]
        assert not list((small / "out" / "episodes").glob("*.tmp"))
        kept = len(rows(small / "out"))
        assert kept < 3200
        subprocess.run(["mount", "-o", "remount,size=64m", str(small)], check=True)
        again = plandrift("sweep", path, "--out", small / "out", cwd=tmp_path)
        assert f"{3200 - kept} episodes run" in again.stderr
        assert len(set(rows(small / "out"))) == 3200
    finally:
        subprocess.run(["umount", "-l", str(small)], check=False)


def test_a_part_that_was_not_finished_is_cleared_away(tmp_path: Path) -> None:
    path = spec(tmp_path)
    plandrift("sweep", path, "--out", "out", cwd=tmp_path)
    whole = rows(tmp_path / "out")
    left = tmp_path / "out" / "episodes" / "part-00000009.tmp"
    left.write_bytes(b"half a file")
    assert rows(tmp_path / "out") == whole
    plandrift("sweep", path, "--out", "out", cwd=tmp_path)
    assert not left.exists()


UNTIL = {
    "world": "telegraph",
    "until": {"metric": "misfire_rate", "half_width": 0.05, "at_most": 200},
    "grid": {"policy": ["plan-once", "gated"], "volatility": [0.001, 0.2]},
    "fixed": {"channel.latency": 1},
}


@pytest.mark.slow
def test_a_rule_stops_each_condition_by_its_own_results_alone(tmp_path: Path) -> None:
    one = sweep(UNTIL, tmp_path / "one", workers=1)
    three = sweep(UNTIL, tmp_path / "three", workers=3)
    assert rows(tmp_path / "one") == rows(tmp_path / "three")
    with one.results.connect() as connection:
        counts = dict(connection.execute("select condition, count(*) from episodes group by 1").fetchall())
    assert len(set(counts.values())) > 1
    assert all(40 <= count <= 200 for count in counts.values())
    assert not one.unsure
    assert not three.unsure
    assert sweep(UNTIL, tmp_path / "one").ran == 0


def test_a_rule_that_is_not_met_names_the_condition(tmp_path: Path) -> None:
    strict = UNTIL | {"until": {"metric": "misfire_rate", "half_width": 0.0001, "at_most": 60}}
    outcome = sweep(strict, tmp_path / "out")
    assert len(outcome.unsure) == 4
    assert "volatility = 0.2" in " ".join(outcome.unsure)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["missing.toml", "--out", "o"], "No such file"),
        (["spec.toml"], "--out: give a folder"),
        (["spec.toml", "--out", "spec.toml"], "that is a file"),
        (["spec.toml", "--out", "."], "holds other files"),
        (["spec.toml", "--out", "o", "--cluster", "tcp://127.0.0.1:1"], "no scheduler answers"),
        (["spec.toml", "--out", "o", "--workers", "0"], "--workers"),
    ],
)
def test_wrong_input_is_one_line(tmp_path: Path, args: list[str], says: str) -> None:
    spec(tmp_path)
    assert says in refused("sweep", *args, cwd=tmp_path)


def test_from_python_the_errors_are_the_same(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="unknown policy 'gatd'"):
        sweep({"world": "records", "policy": "gatd", "seeds": 1}, tmp_path / "out")
    with pytest.raises(PlandriftError, match="no sweep in it"):
        Results(tmp_path)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port
