"""What `plandrift --help` lists: every command, by what people want."""

from __future__ import annotations

from pathlib import Path

from plandrift.experiments.cli.main import COMMANDS, PANELS
from tests.command import plandrift

ROOT = Path(__file__).parents[3]


def test_every_command_is_in_one_panel() -> None:
    assert len(COMMANDS) == len(set(COMMANDS))
    placed = [place.partition(".")[0] for panel in PANELS.values() for place in panel.values()]
    files = {path.stem for path in (ROOT / "experiments" / "cli" / "commands").glob("*.py")} - {"__init__"}
    assert sorted(placed) == sorted(files)


def test_the_panels_go_from_the_first_episode_to_ones_own_parts() -> None:
    assert list(PANELS) == [
        "Run one episode",
        "Sweep and look",
        "Your own history and agent",
        "Teach",
        "Extend",
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
    for name in ("run", "new", "import", "check-world"):
        line = next(line for line in said if line.startswith(f"  {name} "))
        begins = line.split(maxsplit=1)[1].removesuffix("...")
        assert begins in " ".join(plandrift(name, "--help", cwd=tmp_path).stdout.split())
