"""The README's Python and its commands run as they stand."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.command import plandrift

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


@pytest.mark.slow
def test_the_commands_run_in_order(tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text(blocks("toml")[0])
    for name in ("ferry.toml", "ferry.pddl"):
        shutil.copy(ROOT / "worlds" / "pddl" / "domains" / name, tmp_path)
    who = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    for number in range(12):
        (tmp_path / "notes.txt").write_text(f"{number}\n")
        subprocess.run(["git", "add", "notes.txt"], cwd=tmp_path, check=True)
        when = {"GIT_COMMITTER_DATE": f"{1_700_000_000 + 3600 * number} +0000"}
        words = ["git", *who, "commit", "-q", "-m", f"note {number}"]
        subprocess.run(words, cwd=tmp_path, check=True, env=os.environ | when)
    commands = [
        line[2:] for block in blocks("console") for line in block.splitlines() if line.startswith("$ ")
    ]
    assert len(commands) >= 10
    for command in commands:
        words = shlex.split(command)
        assert words[0] == "plandrift"
        assert plandrift(*words[1:], cwd=tmp_path).stdout + command


def test_the_world_and_the_policy_of_ones_own_keep_their_promises(tmp_path: Path) -> None:
    parts = ("class Doors", "class Patient")
    world, policy = (next(block for block in blocks("python") if part in block) for part in parts)
    (tmp_path / "mine.py").write_text(world + policy.partition("for policy in")[0])
    assert len([line for line in world.splitlines() if line.strip()]) <= 30
    assert "all 11 kept" in plandrift("check-world", "mine:Doors", cwd=tmp_path).stdout
    assert "all 4 kept" in plandrift("check-policy", "mine:Patient", cwd=tmp_path).stdout
    plandrift("run", "mine:Doors", "--policy", "gated", cwd=tmp_path)


def runs() -> list[tuple[str, list[str]]]:
    """The runs told in the README: each command and its lines."""
    told = re.findall(r"`(plandrift run [^`]+)`:\n\n((?:    .*\n)+)", README)
    return [(command, [line.strip() for line in text.splitlines()]) for command, text in told]


@pytest.mark.parametrize(("command", "lines"), runs(), ids=lambda x: x if isinstance(x, str) else "")
def test_what_is_told_of_a_world_was_really_run(command: str, lines: list[str], tmp_path: Path) -> None:
    told = " ".join(plandrift(*shlex.split(command)[1:], "--narrate", cwd=tmp_path).stdout.split())
    for sentence in re.split(r" (?=\d+\.\d\d  )", " ".join(lines)):
        assert " ".join(sentence.split()) in told


def test_what_it_shows_and_names_is_there() -> None:
    for path in re.findall(r"\]\(([^):]+)\)", README) + re.findall(
        r"`((?:sim|worlds|experiments)/[\w./]+)`", README
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
