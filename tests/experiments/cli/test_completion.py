"""What the shell gets: the script that sets it up, and what may follow what was typed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plandrift.experiments.cli.main import COMMANDS
from plandrift.sim import METRICS
from plandrift.worlds import WORLDS
from tests.command import COMMAND, apart

pytestmark = pytest.mark.long

HEAVY = ("networkx", "duckdb", "matplotlib", "scipy")


def offered(*words: str, cwd: Path) -> list[str]:
    """What bash is offered for the last of these words."""
    ended = apart(
        cwd=cwd,
        _PLANDRIFT_COMPLETE="complete_bash",
        COMP_WORDS=" ".join(["plandrift", *words]),
        COMP_CWORD=str(len(words)),
    )
    return ended.stdout.split()


def test_the_script_for_bash_is_printed_and_is_bash(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{COMMAND} --show-completion > script; code=$?; bash -n script && exit $code"],
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0
    script = (tmp_path / "script").read_text()
    assert "_PLANDRIFT_COMPLETE=complete_bash" in script
    assert "complete -o default -F" in script


def test_the_script_is_installed(tmp_path: Path) -> None:
    subprocess.run(
        ["bash", "-c", f"{COMMAND} --install-completion; exit $?"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        env=os.environ | {"HOME": str(tmp_path)},
    )
    assert "plandrift" in (tmp_path / ".bashrc").read_text()


def test_names_are_offered_where_one_is_taken(tmp_path: Path) -> None:
    assert offered("", cwd=tmp_path) == COMMANDS
    assert offered("che", cwd=tmp_path) == ["check"]
    assert offered("agent", "a", cwd=tmp_path) == ["audit", "advise"]
    assert offered("run", "", cwd=tmp_path) == list(WORLDS)
    assert offered("run", "records", "--policy", "gate", cwd=tmp_path) == ["gated", "gate-only"]
    assert offered("list", "worlds", "tele", cwd=tmp_path) == ["telegraph"]
    assert offered("table", "out", "--metric", "", cwd=tmp_path) == list(METRICS)
    assert offered("table", "out", "--metric", "success,misfire_r", cwd=tmp_path) == ["success,misfire_rate"]
    assert "--volatility" in offered("run", "records", "--vol", cwd=tmp_path)


@pytest.mark.parametrize(
    "words",
    [["r"], ["run", "r"], ["run", "records", "--policy", "g"], ["table", "out", "--metric", "m"]],
    ids=" ".join,
)
def test_completing_loads_nothing_heavy(tmp_path: Path, words: list[str]) -> None:
    code = (
        "import sys; sys.argv = ['plandrift']\n"
        "from plandrift.experiments.cli.main import main\n"
        "try: main()\n"
        f"finally: assert not [m for m in {HEAVY} if m in sys.modules]"
    )
    env = {"_PLANDRIFT_COMPLETE": "complete_bash", "COMP_CWORD": str(len(words))}
    env["COMP_WORDS"] = " ".join(["plandrift", *words])
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
