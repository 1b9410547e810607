"""CONTRIBUTING is true: one of each is added to a copy of the tree, and no more files are touched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow

GATE = '''"""The evening gate: nothing fires late."""

from dataclasses import dataclass

from plandrift.sim import FIRE, Call, Step, Verdict, View


@dataclass(frozen=True)
class Evening:
    """Refuse every call after a time."""

    def check(self, view: View, step: Step, call: Call) -> Verdict:
        """What to do with the call."""
        return FIRE if view.time < 3 else Verdict("give-up", "it is late")
'''

METRIC = """    late_steps: int = metric(
        lambda m: m.count(lambda step: step.time >= 2), "steps fired from 2 on", "steps", "count"
    )
"""

FIGURE = '''"""Goals met against volatility."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plandrift.experiments.figures.kinds.kind import figure_kind
from plandrift.experiments.figures.kinds.lines import lines
from plandrift.experiments.sweeps.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@figure_kind("halves", "What gets done", lambda results: "volatility" in results.manifest.varies)
def halves(results: Results) -> Figure:
    """Goals met against volatility."""
    return lines(results, y="goals_met")
'''

COMMAND = '''"""`plandrift greet`: says who is there."""

from __future__ import annotations


def greet() -> None:
    """Say who is there; plandrift greet."""
    print("plandrift is here")
'''


FAULT = """    stuck: Rate = fault(
        Fault(
            cause="stuck",
            meaning="the call was stuck on its way",
            failing="a call is stuck on its way",
            right="does not wait for ever",
            rank=2,
            mast=("FM-1.5",),
        ),
        "how often a call is stuck on its way",
    )
"""

STRIKES = """        if self._strikes("stuck", call):
            faults += ("stuck",)
"""

PLAYED = """
from plandrift.experiments.playback.playback import Playback
from plandrift.policies import plan_once
from plandrift.sim import run
from plandrift.worlds import Records

episode = run(Records(volatility=0.2), plan_once(), stuck=0.5, seed=3, trace=True)
assert repr(Playback(episode.trace).to_the_end().metrics()) == repr(episode.metrics)
print(episode.metrics.row()["cause_stuck"], sum("faults" in event.row() for event in episode.trace))
"""

MODE = '''"""Twice: two snapshots with each answer."""

from plandrift.sim.settings.sampling.mode import Sampled, SamplingMode


class Twice(SamplingMode):
    """Two snapshots with each answer to a call."""

    word = "twice"
    meaning = "two with each answer"

    def answered(self, channel: Sampled) -> None:
        """Take both."""
        channel.snapshot(self.word)
        channel.snapshot(self.word)
'''


FORMAT = '''"""Notes: a line a file that was read."""

from plandrift.experiments.agents.transcripts.digest import asked_hash
from plandrift.experiments.agents.transcripts.format import Format
from plandrift.experiments.agents.transcripts.knowledge import Touch
from plandrift.experiments.agents.transcripts.lines import texts
from plandrift.experiments.agents.transcripts.told import Told, rows_told


def gather(files, buffer, progress=None):
    """Read notes into a buffer."""
    for source, text in texts(files, buffer.summary, progress):
        for number, name in enumerate(text.decode().split()):
            kept = {"tool": "look", "asked": asked_hash("look", name), "folder": "", "input": {"name": name}}
            buffer.call(source.name, "", str(number), float(number), kept)
            buffer.answer(source.name, str(number), float(number), {"failed": False, "text": ""})


def rows(buffer, names, mapping):
    """Return what they tell."""
    return rows_told(buffer, names, mapping, lambda call: Told([Touch("read", call.asked["input"]["name"])]))


FORMAT = Format("notes", "notes", "a.notes", (".notes",), gather, rows, lambda head: True)
'''


class Tree:
    """A copy of the packages that one may write to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("plandrift", "sim", "worlds", "policies", "experiments"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        self.touched: set[str] = set()

    def write(self, name: str, text: str) -> None:
        """A new file."""
        assert not (self.folder / name).exists()
        (self.folder / name).write_text(text)
        self.touched.add(name)

    def insert(self, name: str, before: str, text: str) -> None:
        """A few lines into a file that is there, before the first place that reads so."""
        old = (self.folder / name).read_text()
        assert before in old, f"{name} has no {before!r}"
        (self.folder / name).write_text(old.replace(before, text + before, 1))
        self.touched.add(name)

    def plandrift(self, *words: str) -> str:
        """What a command of this tree prints."""
        return self.python("-m", "plandrift.experiments.cli", *words)

    def python(self, *words: str) -> str:
        """What Python prints in this tree."""
        done = subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_a_world_touches_two_files(tree: Tree) -> None:
    tree.plandrift("new", "world", "Library", "--in", "worlds")
    tree.touched.add("worlds/library.py")
    tree.insert("worlds/__init__.py", '    "recorded": ', '    "library": "library.Library",\n')
    assert "world.things" in tree.plandrift("worlds", "library")
    assert " kept" in tree.plandrift("check-world", "library")
    assert len(tree.touched) == 2


def test_a_policy_touches_two_files(tree: Tree) -> None:
    tree.plandrift("new", "policy", "LookTwice", "--in", "policies")
    tree.touched.add("policies/look_twice.py")
    line = "from plandrift.policies.look_twice import LookTwice\n"
    tree.insert("policies/__init__.py", "from plandrift.policies.named import", line)
    tree.insert("policies/__init__.py", '    "gated": ', '    "look-twice": LookTwice,\n')
    assert "look-twice" in tree.plandrift("policies", "look-twice")
    tree.plandrift("run", "records", "--policy", "look-twice", "--set", "policy.patience=5")
    assert len(tree.touched) == 2


def test_a_gate_touches_three_files(tree: Tree) -> None:
    tree.write("policies/gates/evening.py", GATE)
    line = "from plandrift.policies.gates.evening import Evening\n"
    tree.insert("policies/gates/__init__.py", "from plandrift.policies.gates.gate import", line)
    tree.insert("policies/gates/__init__.py", '    "reconcile": ', '    "evening": lambda _: Evening(),\n')
    setting = '    evening: bool = setting(False, "fire nothing late")\n'
    tree.insert("policies/assembled.py", "    reconcile: bool", setting)
    said = json.loads(
        tree.plandrift("run", "records", "--policy", "gated", "--set", "policy.evening=true", "--json")
    )
    assert said["reason"] == "it is late"
    assert len(tree.touched) == 3


def test_a_metric_touches_one_file(tree: Tree) -> None:
    tree.insert("sim/measure/metrics.py", "    steps_fired: int", METRIC)
    said = json.loads(tree.plandrift("run", "records", "--policy", "plan-once", "--json"))
    assert said["metrics"]["late_steps"] == said["metrics"]["steps_fired"] - 2
    (tree.folder / "s.toml").write_text('world = "records"\npolicy = "gated"\nseeds = 2\nvolatility = 0.1\n')
    tree.plandrift("sweep", "s.toml", "--out", "s")
    assert "late_steps" in tree.plandrift("table", "s", "--metric", "late_steps")
    assert len(tree.touched) == 1


def test_a_fault_touches_two_files(tree: Tree) -> None:
    tree.insert("sim/settings/agent.py", "    minds: int = setting(", FAULT)
    tree.insert("sim/engine/executor.py", "        effect = self._environment.answer(self._tracked", STRIKES)
    failures, struck = map(int, tree.python("-c", PLAYED).split())
    assert failures > 0
    assert struck >= failures
    assert "agent.stuck" in tree.plandrift("list", "settings")
    tree.plandrift("run", "records", "--policy", "gated", "--set", "agent.stuck=0.5")
    assert len(tree.touched) == 2


def test_a_sampling_mode_touches_two_files(tree: Tree) -> None:
    tree.write("sim/settings/sampling/twice.py", MODE)
    where = "sim/settings/sampling/__init__.py"
    line = "from plandrift.sim.settings.sampling.twice import Twice\n"
    tree.insert(where, "\nSAMPLING: dict", line)
    tree.insert(where, "OnAction())}", "Twice(), ")
    trace = tree.plandrift(
        "run", "records", "--policy", "gated", "--set", "channel.sampling=twice", "--trace", "t"
    )
    assert trace
    assert (tree.folder / "t").read_text().count('"observation-delivered"') > 0
    (tree.folder / "s.toml").write_text(
        'world = "records"\npolicy = "gated"\nseeds = 2\n[fixed]\n"channel.sampling" = "twice"\n'
    )
    tree.plandrift("sweep", "s.toml", "--out", "s")
    assert len(tree.touched) == 2


def test_a_figure_touches_two_files(tree: Tree) -> None:
    tree.write("experiments/figures/kinds/halves.py", FIGURE)
    line = "from plandrift.experiments.figures.kinds.halves import halves\n"
    tree.insert(
        "experiments/figures/kinds/__init__.py", "from plandrift.experiments.figures.kinds.kind import", line
    )
    tree.insert("experiments/figures/kinds/__init__.py", "        lines,\n", "        halves,\n")
    spec = 'world = "records"\npolicy = "gated"\nseeds = 4\n[grid]\nvolatility = [0.01, 0.1]\n'
    (tree.folder / "s.toml").write_text(spec)
    tree.plandrift("sweep", "s.toml", "--out", "s")
    tree.plandrift("plot", "s", "--kind", "halves", "--out", "halves.svg")
    assert (tree.folder / "halves.svg").stat().st_size > 1000
    tree.plandrift("report", "s", "--out", "s.html")
    assert "<h2>What gets done</h2>" in (tree.folder / "s.html").read_text()
    assert len(tree.touched) == 2


def test_a_command_touches_two_files(tree: Tree) -> None:
    tree.write("experiments/cli/commands/greet.py", COMMAND)
    tree.insert("experiments/cli/main.py", '        "demo": ', '        "greet": "greet.greet",\n')
    assert tree.plandrift("greet") == "plandrift is here\n"
    assert "greet" in tree.plandrift("--help")
    assert len(tree.touched) == 2


def test_a_format_touches_two_files(tree: Tree) -> None:
    tree.write("experiments/agents/transcripts/notes.py", FORMAT)
    where = "experiments/agents/transcripts/registry.py"
    tree.insert(where, "    opencode,\n", "    notes,\n")
    tree.insert(where, "        otel.FORMAT,\n", "        notes.FORMAT,\n")
    (tree.folder / "a.notes").write_text("x.py y.py")
    said = tree.plandrift("agent", "import", "notes", "a.notes", "--out", "ops.parquet")
    assert "2 operations of 2 calls" in said
    assert "notes, version unknown: 2 calls in 1 file" in tree.plandrift(
        "agent", "import", "auto", "a.notes", "--out", "ops.parquet"
    )
    assert len(tree.touched) == 2
