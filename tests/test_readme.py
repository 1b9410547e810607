"""The README's Python and its commands run as they stand."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.experiments.command import plandrift

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("place", range(len(blocks("python"))))
def test_a_block_of_python_runs(
    place: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    exec(compile(blocks("python")[place], f"README.md, block {place}", "exec"), {"__name__": "__main__"})


def test_the_first_block_is_ten_lines_that_say_something(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    block = blocks("python")[0]
    assert len([line for line in block.splitlines() if line.strip()]) <= 10
    exec(compile(block, "README.md", "exec"), {})
    said = capsys.readouterr().out
    assert said.startswith("plan-once ")
    assert "update_record(" in said


def test_the_commands_run_in_order(tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text(blocks("toml")[0])
    commands = [
        line[2:] for block in blocks("console") for line in block.splitlines() if line.startswith("$ ")
    ]
    assert len(commands) >= 10
    for command in commands:
        words = shlex.split(command)
        assert words[0] == "plandrift"
        assert plandrift(*words[1:], cwd=tmp_path).stdout + command


def test_what_it_shows_and_names_is_there() -> None:
    for path in re.findall(r"\]\(([^):]+)\)", README) + re.findall(
        r"`((?:sim|experiments)/[\w./]+)`", README
    ):
        assert (ROOT / path).exists(), path


def test_the_top_holds_what_the_readme_says() -> None:
    known = {
        "pyproject.toml", "README.md", "Makefile", "constraints.txt", ".ci", ".gitignore", "sim", "worlds",
        "policies", "experiments", "tests",
    }  # fmt: skip
    tracked = (ROOT / ".git").exists()
    made = {".git", ".venv", "results", "build", "dist"}
    found = {p.name for p in ROOT.iterdir() if not p.name.endswith((".egg-info", "_cache"))}
    assert not tracked or found - made - {".hypothesis"} <= known
