"""The README's Python and its commands run as they stand."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.command import apart as plandrift

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("place", range(len(blocks("python"))))
def test_a_block_of_python_runs(
    place: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    block = blocks("python")[place]
    monkeypatch.chdir(tmp_path)
    exec(compile(block, f"README.md, block {place}", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out.strip()


def test_the_first_block_is_ten_lines_that_say_something(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    block = blocks("python")[0]
    assert len([line for line in block.splitlines() if line.strip()]) <= 10
    exec(compile(block, "README.md", "exec"), {})
    said = capsys.readouterr().out
    assert said.startswith("plan-once ")
    assert "\ngated " in said


@pytest.mark.slow
def test_the_commands_run_in_order(tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text(blocks("toml")[0])
    commands = [
        line[2:] for block in blocks("console") for line in block.splitlines() if line.startswith("$ ")
    ]
    assert len(commands) >= 5
    for command in commands:
        words = shlex.split(command)
        assert words[0] == "plandrift"
        done = plandrift(*words[1:], cwd=tmp_path)
        assert done.stdout or done.stderr, command
        for place in (words[words.index(word) + 1] for word in words if word == "--out"):
            assert (tmp_path / place).exists(), command


def test_the_policy_is_three_lines_and_keeps_its_promises(tmp_path: Path) -> None:
    block = next(block for block in blocks("python") if "perceived_staleness" in block)
    body = block[block.index("class Doubtful") : block.index("print(")].strip().splitlines()
    assert len([line for line in body if line.strip() and '"""' not in line]) == 3
    (tmp_path / "mine.py").write_text(block.partition("print(")[0])
    assert re.search(r"all \d+ kept", plandrift("check-policy", "mine:Doubtful", cwd=tmp_path).stdout)


def test_it_is_read_in_five_minutes() -> None:
    assert len(README.splitlines()) <= 120
    assert max(map(len, README.splitlines())) <= 110


def test_its_pictures_are_there_and_that_of_crews_is_small() -> None:
    pictures = re.findall(r'<img src="([^"]+)"', README)
    assert len(pictures) == 2
    assert all((ROOT / path).is_file() for path in pictures)
    assert (ROOT / pictures[1]).stat().st_size < 80_000


def test_what_it_shows_and_names_is_there() -> None:
    for path in re.findall(r"\]\(([^):]+)\)", README) + re.findall(
        r"`((?:sim|worlds|experiments)/[\w./]+|[A-Z]+\.md|\.ci/run)`", README
    ):
        assert (ROOT / path).exists(), path


def test_the_top_holds_what_the_readme_says() -> None:
    known = {
        "pyproject.toml",
        "constraints.txt",
        "Makefile",
        "setup.py",
        "MANIFEST.in",
        "plandrift",
        ".ci",
        ".gitignore",
        ".pre-commit-config.yaml",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "CITATION.cff",
        "LICENSE",
        "sim",
        "worlds",
        "policies",
        "experiments",
        "docs",
        "examples",
        "tests",
    }
    tracked = (ROOT / ".git").exists()
    made = {".git", ".venv", "results", "build", "dist"}
    found = {p.name for p in ROOT.iterdir() if not p.name.endswith((".egg-info", "_cache"))}
    assert not tracked or found - made - {".hypothesis"} <= known
