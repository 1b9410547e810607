"""What a command must not load before it does its work: each takes longer than the work itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plandrift.experiments.cli.command_group import THREADS
from plandrift.experiments.sweeps.results import Results

pytestmark = pytest.mark.long

FIGURES = {"matplotlib"}
NUMBERS = {"scipy", *FIGURES}
GRAPHS = {"networkx", *NUMBERS}
HISTORY = {"duckdb", *GRAPHS}
ENGINE = {"sim", "numpy", "simpy", "pydantic", "rich", *HISTORY}

MUST_NOT_LOAD = {
    "--help": ENGINE,
    "table --help": HISTORY,
    "run --help": HISTORY,
    "worlds": HISTORY,
    "policies": HISTORY,
    "run records": HISTORY,
    "run records --policy gated --latency 1": HISTORY,
    "run telegraph --json": HISTORY,
    "run routes": {"duckdb", *NUMBERS},
}


@pytest.mark.parametrize("words", MUST_NOT_LOAD)
def test_what_a_command_does_not_load(words: str, tmp_path: Path) -> None:
    assert loaded(words.split(), MUST_NOT_LOAD[words], tmp_path) == []


def test_what_a_table_does_not_load(results: Results, tmp_path: Path) -> None:
    words = ["table", str(results.folder), "--over", "all", "--metric", "success,plan_age,misfire_rate"]
    assert loaded(words, NUMBERS | {"numpy.ma"}, tmp_path) == []


def loaded(words: list[str], modules: set[str], folder: Path) -> list[str]:
    """Run a command, and return which of these modules it loaded."""
    code = (
        "import os, sys\n"
        "from plandrift.experiments.cli.main import main\n"
        "try: main()\n"
        f"finally: print(*sorted({modules} & set(sys.modules)), *{{{THREADS!r}}} & set(os.environ), "
        "file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != THREADS},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    return done.stderr.split()
