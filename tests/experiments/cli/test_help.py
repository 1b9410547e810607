"""What `plandrift --help` lists: every command, by what people want."""

from __future__ import annotations

from pathlib import Path

import pytest

from plandrift.experiments.cli.main import AGENT, COMMANDS, DATA, FORMER, GROUPS, LIST, PANELS
from tests.command import plandrift

ROOT = Path(__file__).parents[3]


def test_every_command_is_in_one_panel() -> None:
    assert len(COMMANDS) == len(set(COMMANDS))
    assert len(set(COMMANDS) - set(GROUPS)) <= 14, "fourteen commands, beside the groups"
    at_top = {place for panel in PANELS.values() for place in panel.values() if isinstance(place, str)}
    below = [place for group in (AGENT, DATA, LIST) for place in group.places.values()]
    assert len(below) == len(set(below))
    assert not at_top & set(below)
    files = {path.stem for path in (ROOT / "experiments" / "cli" / "commands").glob("*.py")} - {"__init__"}
    assert {place.partition(".")[0] for place in {*at_top, *below}} == files


def test_the_panels_go_from_the_first_episode_to_ones_own_parts() -> None:
    assert list(PANELS) == [
        "Run one episode",
        "Sweep and look",
        "Teach",
        "Extend",
        "Groups of commands",
    ]


def test_help_shows_the_panels_with_a_line_a_command(tmp_path: Path) -> None:
    said = plandrift("--help", cwd=tmp_path).stdout
    shown = {
        block.splitlines()[0].removesuffix(":"): [line.split()[0] for line in block.splitlines()[1:]]
        for block in said.strip().split("\n\n")
        if block.splitlines()[0].removesuffix(":") in PANELS
    }
    assert shown == {title: list(panel) for title, panel in PANELS.items()}
    lines = [line for line in said.splitlines() if line.startswith("  ") and line.split()[0] in COMMANDS]
    assert all(len(line.split()) > 2 for line in lines), "a command says nothing of itself"


def test_what_the_list_says_of_a_command_is_how_its_own_help_begins(tmp_path: Path) -> None:
    said = plandrift("--help", cwd=tmp_path).stdout.splitlines()
    assert not [line for line in said[1:] if line.endswith("...")], (
        "the first sentence is too long for its line"
    )
    for name in ("run", "new", "check", "agent"):
        line = next(line for line in said if line.startswith(f"  {name} "))
        begins = line.split(maxsplit=1)[1].removesuffix("...")
        assert begins in " ".join(plandrift(name, "--help", cwd=tmp_path).stdout.split())


@pytest.mark.parametrize("name", ["audit", "worlds", "check-world", "import git"])
def test_a_former_name_works_and_is_not_listed(name: str, tmp_path: Path) -> None:
    now = {
        "audit": "agent audit",
        "worlds": "list worlds",
        "check-world": "check",
        "import git": "agent import git",
    }
    assert name.split()[0] in FORMER
    said, before = (plandrift(*words.split(), "--help", cwd=tmp_path).stdout for words in (now[name], name))
    assert said.partition("[OPTIONS]")[2] == before.partition("[OPTIONS]")[2] != ""
    assert f"\n  {name.split()[0]} " not in plandrift("--help", cwd=tmp_path).stdout


@pytest.mark.parametrize("group", ["agent", "data", "list"])
def test_a_group_alone_lists_its_commands(group: str, tmp_path: Path) -> None:
    said = plandrift(group, cwd=tmp_path).stdout
    places = {"agent": AGENT, "data": DATA, "list": LIST}[group].places
    assert all(f"\n  {name} " in said for name in places)
    assert "..." not in said.partition("Commands:")[2]
