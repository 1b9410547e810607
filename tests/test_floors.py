"""The house: which package may import which, and which room of a package which other."""

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
SIM: dict[str, set[str]] = {
    "terms": set(),
    "settings": {"terms"},
    "companions": {"settings", "terms"},
    "interfaces": {"companions", "settings", "terms"},
    "trace": {"interfaces", "settings", "terms"},
    "measure": {"trace", "interfaces", "settings", "terms"},
    "usercode": {"interfaces", "companions", "settings", "terms"},
    "engine": {"usercode", "measure", "trace", "interfaces", "companions", "settings", "terms"},
    "session": {"engine", "usercode", "measure", "trace", "interfaces", "companions", "settings", "terms"},
    "crew": {"engine", "usercode", "measure", "trace", "interfaces", "companions", "settings", "terms"},
}
EXPERIMENTS: dict[str, set[str]] = {
    "statistics": set(),
    "playback": set(),
    "testing": set(),
    "scaffold": set(),
    "serving": set(),
    "sweeps": {"statistics"},
    "twin": {"sweeps"},
    "analysis": {"sweeps", "statistics"},
    "figures": {"analysis", "sweeps", "playback", "statistics"},
    "pages": {"figures", "analysis", "sweeps", "playback", "statistics"},
    "book": {"pages", "figures", "analysis", "sweeps", "statistics"},
    "workshop": {"serving", "pages", "figures", "playback", "sweeps", "statistics"},
    "agents": {"serving", "pages", "figures", "analysis", "sweeps", "playback", "statistics"},
    "bench": {"agents", "analysis", "sweeps", "statistics"},
    "cli": {
        "agents",
        "workshop",
        "book",
        "pages",
        "figures",
        "analysis",
        "sweeps",
        "playback",
        "testing",
        "scaffold",
        "statistics",
    },
}
AGENTS: dict[str, set[str]] = {
    "transcripts": set(),
    "audit": {"transcripts"},
    "guard": {"audit", "transcripts"},
    "advise": set(),
    "play": set(),
    "faults": {"play"},
}
OPTIONAL = {"twin"}
"""Rooms that nobody imports: a registry has them by name, and they may be deleted with their line there."""
HOUSES = {"sim": SIM, "experiments": EXPERIMENTS, "experiments/agents": AGENTS}
"""The rooms of each folder from the ground up: each may import itself, and those that its set names."""


def imports(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def packages(path: Path) -> list[tuple[str, list[str]]]:
    """What a file imports of plandrift: each name, and its parts after `plandrift`."""
    return [(name, name.split(".")[1:]) for name in imports(path) if name.startswith("plandrift.")]


@pytest.mark.parametrize("floor", MAY_IMPORT)
def test_no_import_climbs_a_floor(floor: str) -> None:
    files = sorted((ROOT / floor).rglob("*.py"))
    assert files
    for path in files:
        for name in imports(path):
            assert name.partition(".")[0] not in MAY_IMPORT, f"{path} imports {name}, not by its whole name"
        for name, parts in packages(path):
            # A scaffold is a user's own module, and begins with what `plandrift` itself names.
            assert parts[0] in MAY_IMPORT[floor] or "templates" in path.parts, f"{path} imports {name}"


@pytest.mark.parametrize("house", HOUSES)
def test_every_file_is_in_a_room(house: str) -> None:
    # A folder that was moved away may leave its compiled files behind.
    found = {p.name for p in (ROOT / house).iterdir() if p.is_file() or any(p.rglob("*.py"))}
    assert found | OPTIONAL.intersection(HOUSES[house]) == {"__init__.py", *HOUSES[house]}


@pytest.mark.parametrize(("house", "room"), [(house, room) for house in HOUSES for room in HOUSES[house]])
def test_no_import_climbs_from_room_to_room(house: str, room: str) -> None:
    files = sorted((ROOT / house / room).rglob("*.py"))
    assert files or room in OPTIONAL
    above = house.split("/")
    for path in files:
        for name, parts in packages(path):
            if parts[: len(above)] == above:
                other = parts[len(above)]
                assert other == room or other in HOUSES[house][room], f"{path} imports {name}"


@pytest.mark.parametrize("house", HOUSES)
def test_the_rooms_have_an_order_and_nothing_imports_the_command_line(house: str) -> None:
    below: set[str] = set()
    for room, used in HOUSES[house].items():
        assert used <= below, f"{room} may import {used - below}, which stand above it"
        assert "cli" not in used
        below.add(room)


@pytest.mark.long
def test_nobody_imports_a_room_that_may_be_deleted() -> None:
    for room in ("worlds/pddl", "experiments/twin"):
        inside = "plandrift." + room.replace("/", ".")
        for path in sorted(file for floor in MAY_IMPORT for file in (ROOT / floor).rglob("*.py")):
            if not path.is_relative_to(ROOT / room):
                for name in imports(path):
                    assert not (name + ".").startswith(inside + "."), f"{path} imports {name}"


def test_the_engine_needs_no_more_than_its_parts() -> None:
    allowed = {"simpy", "numpy", "networkx", "plandrift"}
    # Of the standard library all but the machine's own clock and dice: an episode is its seed's alone.
    standard = sys.stdlib_module_names - {"datetime", "random", "secrets", "time", "uuid"}
    for path in sorted((ROOT / "sim").rglob("*.py")):
        for name in imports(path):
            assert name.partition(".")[0] in allowed | standard, f"{path} imports {name}"


@pytest.mark.long
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
