"""The house: which package may import which, and that nothing leans on the command line."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "sim": {"sim"},
    "worlds": {"sim", "worlds"},
    "policies": {"sim", "policies"},
    "experiments": {"sim", "worlds", "policies", "experiments"},
}
COMMAND_LINE = ("experiments.main", "experiments.commands")


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


def test_nothing_imports_the_command_line() -> None:
    for floor in MAY_IMPORT:
        for path in sorted((ROOT / floor).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            if module.startswith(COMMAND_LINE):
                continue
            used = [n for n in imports(path) if n.startswith(COMMAND_LINE)]
            assert not used, f"{path} imports {used}"


def test_the_engine_needs_no_more_than_its_parts() -> None:
    allowed = {"simpy", "numpy", "networkx", "sim"}
    standard = {"__future__", "abc", "collections", "dataclasses", "difflib", "fnmatch", "functools", "gc",
                "json", "math", "pathlib", "re", "types", "typing", "zlib"}  # fmt: skip
    for path in sorted((ROOT / "sim").rglob("*.py")):
        for name in imports(path):
            assert name.partition(".")[0] in allowed | standard, f"{path} imports {name}"
