"""Import, audit and judge from the command line."""

from __future__ import annotations

import csv
import json
import os
import signal
import socket
import urllib.request
from pathlib import Path

import duckdb
import pytest

from tests.command import plandrift, refused, start
from tests.experiments.agents.transcripts.samples import claude_session


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("audit")
    session = claude_session().save(made / "s.jsonl")
    session.write_text(session.read_text() + '{"half')
    said = plandrift("import", "claude-code", "s.jsonl", "--out", "ops.parquet", cwd=made).stdout
    assert "8 operations of 8 calls by 1 agent in 1 session; 1 file" in said
    assert "skipped: 1 lines that are not JSON, or are cut short" in said
    return made


def test_the_answer_is_on_one_screen(folder: Path) -> None:
    said = plandrift("audit", "ops.parquet", cwd=folder).stdout
    for words in ("age of the basis, p50", "by own formatter", "lost updates", "co-occurrence, not proof"):
        assert words in said
    assert "What a transcript cannot tell" in said
    assert len(said.splitlines()) < 70


def test_the_same_as_one_object(folder: Path) -> None:
    said = plandrift("audit", "ops.parquet", "--guards", "hash,age:60", "--format", "json", cwd=folder).stdout
    found = json.loads(said)
    assert [row["guard"] for row in found["guards"]] == ["hash", "age:60"]
    assert [row["right"] for row in found["guards"]] == [2, 2]
    assert {"figure", "value", "low", "high", "n", "unit", "known"} == set(found["figures"][0])


def test_any_policy_judges(folder: Path) -> None:
    (folder / "mine.py").write_text(
        "from plandrift.sim import FIRE, Policy, Verdict\n"
        "class Old(Policy):\n"
        '    """Nothing older than a minute."""\n'
        "    def before_fire(self, view, step, call):\n"
        '        return Verdict("block", "old") if view.plan_age > 60 else FIRE\n'
    )
    found = json.loads(
        plandrift("judge", "ops.parquet", "--policy", "mine:Old", "--format", "json", cwd=folder).stdout
    )
    # Too little is known about the edit of a file that was never read.
    assert (found["writes"], found["not_judged"], found["wrong"]) == (5, 1, 2)
    assert (found["blocks"], found["right"]) == (3, 2)
    rows = plandrift(
        "judge", "ops.parquet", "--policy", "look-first", "--calls", "--format", "json", cwd=folder
    )
    assert [row["verdict"] for row in json.loads(rows.stdout)] == [
        "fire",
        "block",
        "block",
        "fire",
        "block",
        "fire",
    ]


def test_the_changes_of_a_trace_are_a_log_as_any(folder: Path) -> None:
    plandrift("audit", "ops.parquet", "--log", "changes.parquet", cwd=folder)
    assert "plans that change 1 fluents" in plandrift("survival", "changes.parquet", cwd=folder).stdout
    said = plandrift(
        "run",
        "recorded",
        "--policy",
        "gated",
        "--set",
        "world.log=changes.parquet",
        "--set",
        "world.from_first=1",
        cwd=folder,
    ).stdout
    assert "nobody else writes to that again in this log" in said


def test_no_cell_of_that_log_in_csv_is_a_formula(folder: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * replace ('@' || fluent as fluent) from '{folder / 'ops.parquet'}') "
            f"to '{folder / 'odd.parquet'}'"
        )
    plandrift("audit", "odd.parquet", "--log", "odd.csv", cwd=folder)
    with (folder / "odd.csv").open(newline="") as file:
        assert all(row["fluent"].startswith("'@") for row in csv.DictReader(file))
    assert "plans that change 1 fluents" in plandrift("survival", "odd.csv", cwd=folder).stdout


def test_what_is_wrong_is_said_in_one_line(folder: Path) -> None:
    assert "--guards hsh: did you mean" in refused("audit", "ops.parquet", "--guards", "hsh", cwd=folder)
    assert "no such file" in refused("audit", "none.parquet", cwd=folder)
    assert "holds no operations" in refused("judge", "s.jsonl", "--policy", "gated", cwd=folder)
    assert "unknown policy" in refused("judge", "ops.parquet", "--policy", "gatd", cwd=folder)
    assert "no such file or folder" in refused("import", "codex", "none", "--out", "a.parquet", cwd=folder)
    assert "is not a git repository" in refused("import", "entire", ".", "--out", "a.parquet", cwd=folder)


@pytest.mark.slow
def test_the_workshop_has_the_page_of_ones_own_agent(folder: Path) -> None:
    pytest.importorskip("marimo")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    server = start("workshop", "--operations", "ops.parquet", "--no-browser", "--port", port, cwd=folder)
    assert server.stdout is not None
    assert server.stderr is not None
    try:
        assert server.stdout.readline().startswith("lessons:")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/your-agent/") as answer:
            said = answer.read().decode()
    finally:
        os.killpg(server.pid, signal.SIGINT)
        server.wait(30)
        server.stdout.close()
        server.stderr.close()
    assert "How stale was your agent? ops.parquet" in said
    assert "lost updates" in said
