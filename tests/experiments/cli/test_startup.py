"""What a command must not load before it does its work: each takes longer than the work itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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
    code = (
        "import sys\n"
        "from plandrift.experiments.cli.main import main\n"
        "try: main()\n"
        f"finally: print(*sorted({MUST_NOT_LOAD[words]} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert done.stderr.split() == []
