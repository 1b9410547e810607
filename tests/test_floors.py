"""The house: which package may import which, and which room of `experiments` which other."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "sim": {"sim"},
    "worlds": {"sim", "worlds"},
    "policies": {"sim", "policies"},
    "experiments": {"sim", "worlds", "policies", "experiments"},
}
ROOMS: dict[str, set[str]] = {
    "statistics": set(),
    "playback": set(),
    "testing": set(),
    "scaffold": set(),
    "history": {"statistics"},
    "transcripts": set(),
    "audit": {"transcripts", "statistics"},
    "twin": set(),
    "sweeps": {"statistics", "twin"},
    "play": {"sweeps"},
    "advise": {"sweeps", "statistics"},
    "faults": {"play", "playback", "sweeps", "statistics"},
    "analysis": {"sweeps", "statistics"},
    "figures": {"advise", "analysis", "audit", "history", "sweeps", "playback", "statistics"},
    "pages": {"figures", "advise", "faults", "analysis", "audit", "sweeps", "playback", "statistics"},
    "book": {"pages", "figures", "analysis", "history", "sweeps", "statistics"},
    "workshop": {"pages", "figures", "playback", "sweeps", "statistics"},
    "bench": {"analysis", "audit", "transcripts", "sweeps"},
    "cli": {
        "advise",
        "faults",
        "play",
        "workshop",
        "book",
        "pages",
        "figures",
        "analysis",
        "audit",
        "transcripts",
        "history",
        "sweeps",
        "playback",
        "testing",
        "scaffold",
        "statistics",
    },
}
"""The rooms of `experiments` from the ground up: each may import itself, and those that its set names."""


def imports(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


@pytest.mark.parametrize("floor", MAY_IMPORT)
def test_no_import_climbs_a_floor(floor: str) -> None:
    files = sorted((ROOT / floor).rglob("*.py"))
    assert files
    for path in files:
        for name in imports(path):
            top = name.partition(".")[0]
            assert top not in MAY_IMPORT or top in MAY_IMPORT[floor], f"{path} imports {name}"


def test_every_file_of_experiments_is_in_a_room() -> None:
    # A folder that was moved away may leave its compiled files behind.
    found = {p.name for p in (ROOT / "experiments").iterdir() if p.is_file() or any(p.glob("*.py"))}
    assert found == {"__init__.py", "py.typed", *ROOMS}


@pytest.mark.parametrize("room", ROOMS)
def test_no_import_climbs_from_room_to_room(room: str) -> None:
    files = sorted((ROOT / "experiments" / room).rglob("*.py"))
    assert files
    for path in files:
        for name in imports(path):
            if name.startswith("experiments."):
                other = name.split(".")[1]
                assert other == room or other in ROOMS[room], f"{path} imports {name}"


def test_the_rooms_have_an_order_and_nothing_imports_the_command_line() -> None:
    below: set[str] = set()
    for room, used in ROOMS.items():
        assert used <= below, f"{room} may import {used - below}, which stand above it"
        assert "cli" not in used
        below.add(room)


def test_the_engine_needs_no_more_than_its_parts() -> None:
    allowed = {"simpy", "numpy", "networkx", "sim"}
    # Of the standard library all but the machine's own clock and dice: an episode is its seed's alone.
    standard = sys.stdlib_module_names - {"datetime", "random", "secrets", "time", "uuid"}
    for path in sorted((ROOT / "sim").rglob("*.py")):
        for name in imports(path):
            assert name.partition(".")[0] in allowed | standard, f"{path} imports {name}"


def test_no_two_classes_have_one_name() -> None:
    found: dict[str, Path] = {}
    for floor in MAY_IMPORT:
        for path in sorted((ROOT / floor).rglob("*.py")):
            if "templates" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef):
                    assert node.name not in found, f"{node.name}: {found.get(node.name)} and {path}"
                    found[node.name] = path
