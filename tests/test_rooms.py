"""Rooms that one may delete, each with its line of a registry: in a copy of the tree all else goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.test_contributing import ROOT, Tree

pytestmark = pytest.mark.slow

ROOMS = {
    "worlds/pddl": ("worlds/__init__.py", '    "pddl": "pddl.Pddl",\n'),
    "experiments/twin": (
        "experiments/sweeps/engines.py",
        '    "compiled": "plandrift.experiments.twin.engine",\n',
    ),
}
"""Each room, and the file and the line in which it is named."""

SPEC = """\
world = "records"
seeds = 1000
horizon = 10
grid = {policy = ["gated", "plan-once"], volatility = [0.05]}
"""


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_deleted_with_one_line(room: str, tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    for name in ("tests", "docs", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "CITATION.cff"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.rmtree(tmp_path / room)
    shutil.rmtree(tmp_path / "tests" / room)
    name, line = ROOMS[room]
    text = (tmp_path / name).read_text()
    assert text.count(line) == 1
    (tmp_path / name).write_text(text.replace(line, ""))

    assert "sweep" in tree.plandrift("--help")
    assert "records" in tree.plandrift("worlds")
    assert "gated" in tree.plandrift("policies")
    (tmp_path / "spec.toml").write_text(SPEC)
    tree.plandrift("sweep", "spec.toml", "--out", "out")
    assert "gated" in tree.plandrift("table", "out", "--metric", "success")
    tree.python("-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "tests/test_floors.py")
    # What elsewhere is about the room finds it by its name, or is not there.
    tree.python(
        "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "--collect-only", "-q", "-m", "", "tests"
    )
