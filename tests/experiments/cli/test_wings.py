"""Whoever only simulates, looks and teaches never opens what is about real agents: `experiments.agents`."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

from plandrift.experiments.cli.main import AGENT, DATA, LIST, PANELS
from tests.experiments.cli.test_examples_of_commands import COMMANDS, Folders, example_of

pytestmark = pytest.mark.long

SECOND = {f"agent {name}" for name in AGENT.places}
"""The commands of the second wing. `agent import` is of it, as its formats are found in a registry there."""
FIRST = [
    *(place for panel in PANELS.values() for place in panel.values() if isinstance(place, str)),
    *DATA.places.values(),
    *LIST.places.values(),
]
EXAMPLES = [
    name
    for name in COMMANDS
    if not name.startswith("agent") and hasattr(COMMANDS[name], "callback") and COMMANDS[name].epilog
]
CODE = """\
import importlib, json, os, shlex, sys
from plandrift.experiments.cli.main import ended
for module in json.loads(sys.argv[1]):
    importlib.import_module("plandrift.experiments.cli.commands." + module)
for folder, line in json.loads(sys.argv[2]):
    os.chdir(folder)
    assert ended(shlex.split(line), True) == 0, line
    opened = [name for name in sys.modules if name.startswith("plandrift.experiments.agents")]
    assert not opened, f"{line} opens {opened}"
"""
SPEC = """\
world = "records"
seeds = 3
horizon = 20
grid = {policy = ["gated", "plan-once"], volatility = [0.1, 0.2]}
"""
LINES = (
    "run records --policy gated --narrate",
    "sweep spec.toml --out out",
    "status out",
    "table out --by policy,volatility",
    "compare out --between policy=gated,plan-once --metric success --by volatility",
    "plot out --out out.svg",
    "report out --out report.html",
    "replay records --policy gated --out replay.html",
    "workshop --help",
)


def complaint(modules: list[str], lines: list[tuple[str, str]]) -> str:
    """What a process says that runs these lines, if one of them opened the second wing or failed."""
    words = [sys.executable, "-c", CODE, json.dumps(modules), json.dumps(lines)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=1200, check=False)
    return done.stderr if done.returncode else ""


@pytest.mark.slow
def test_no_command_of_the_first_wing_opens_the_second(tmp_path: Path) -> None:
    assert set(COMMANDS) >= SECOND
    (tmp_path / "spec.toml").write_text(SPEC)
    modules = sorted({place.partition(".")[0] for place in FIRST})
    assert complaint(modules, [(str(tmp_path), line) for line in LINES]) == ""


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_no_example_of_the_first_wing_opens_the_second(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    example = example_of(COMMANDS[name])
    base = tmp_path_factory.mktemp(name.replace(" ", "-"))
    folder = Folders(tmp_path_factory).prepared(example.where) if example.where else base
    # A run that writes a transcript is left out, and so is what follows a line that only a shell can run.
    simple = itertools.takewhile(lambda line: not set(line) & set("|<>&;$*~"), example.lines)
    lines = [line for line in simple if "--transcript" not in line]
    assert complaint([], [(str(folder), line.removeprefix("plandrift ")) for line in lines]) == ""
