"""The suite made of one agent's failures: who fails it, who passes it, and what it catches."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from plandrift.experiments.agents.faults.player import played_by_policy
from plandrift.experiments.agents.faults.search import FaultMap, search
from plandrift.experiments.agents.faults.verdict import fault
from plandrift.sim import Policy
from tests.command import COMMAND, inside, refusal
from tests.experiments.agents.faults.plants import PLANTS, SOUND
from tests.worlds.written_history import write_history

pytestmark = pytest.mark.long

TIMES: dict[str, Any] = {"channel.latency": 1.0, "agent.action_latency": 0.1, "agent.read_latency": 0.2}
SPEED = {"recorded": 3600.0, "own:Mine": 0.1}
WORDS = [f"--set={name}={value}" for name, value in TIMES.items()]


def fails(found: FaultMap, policy: Policy | str) -> list[str]:
    """What a policy does wrong in the tests of a suite, empty where it is right."""
    player = played_by_policy(policy)
    return [fault(one.history, player(one.history)) for one in found.entries if one.testable]


@cache
def of_tickets() -> FaultMap:
    return search("tickets", TIMES, 0.05, played_by_policy("plan-once"), agent="plan-once", seeds=5, count=8)


def test_whoever_it_was_made_from_fails_all_of_it_and_if_match_none() -> None:
    found = of_tickets()
    assert len(found.entries) == 8
    assert all(fails(found, "plan-once"))
    assert not any(fails(found, "if-match"))
    # No trigger helps in the time in which the news is under way.
    late = [said for said, one in zip(fails(found, "event-driven"), found.entries, strict=True)]
    on_the_way = [
        said for said, one in zip(late, found.entries, strict=True) if one.kind.when == "on the way"
    ]
    assert on_the_way
    assert all(on_the_way)


def test_histories_are_small_and_the_same_each_time() -> None:
    found = of_tickets()
    assert median(len(one.history.changes) for one in found.entries) <= 2
    assert all(len(one.history.changes) < one.found_in for one in found.entries)
    again = search("tickets", TIMES, 0.05, played_by_policy("plan-once"), agent="plan-once", seeds=5, count=8)
    assert again == found


def test_each_failure_is_counted_once() -> None:
    found = of_tickets()
    assert sum(one.count for one in found.entries) <= found.fired
    for one in found.entries:
        assert one.first == min(speed for speed, count in one.by_rung.items() if count) or not one.count
        assert one.share.mean == one.count / found.fired


OWN = '''"""A world of one's own."""

from dataclasses import dataclass

from plandrift.worlds import Telegraph


@dataclass(frozen=True)
class Mine(Telegraph):
    """As it is."""
'''


@pytest.mark.parametrize("world", ["recorded", "own:Mine"])
def test_a_suite_stands_alone(world: str, tmp_path: Path) -> None:
    """Moved to where nothing of it lay before, it plays; the log is read by a path within it."""
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "own.py").write_text(OWN)
    (tmp_path / "here" / "times.txt").write_text("0.5\n1.5\n")
    needs = ["--set", "agent.thinking_time=empirical(times.txt)"]
    if world == "recorded":
        write_history(tmp_path / "here" / "e.csv", sets=120)
        needs += ["--set", "world.log=e.csv", "--set", "world.writes_by=anyone"]
    words = [*needs, "--latency", 1, "--volatility", SPEED[world], "--seeds", 5, "--count", 2, "--out", "out"]
    said = inside("faults", world, *words, cwd=tmp_path / "here")
    assert said.code == 0, said
    (tmp_path / "there").mkdir()
    (tmp_path / "here" / "out").rename(tmp_path / "there" / "suite")
    (tmp_path / "here").rename(tmp_path / "gone")
    histories = list((tmp_path / "there" / "suite" / "histories").iterdir())
    assert histories
    assert not any(str(tmp_path) in one.read_text() for one in histories)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "suite"],
        cwd=tmp_path / "there",
        capture_output=True,
        text=True,
    )
    assert f"{len(histories)} failed" in done.stdout, done.stdout
    assert "cannot be read" not in done.stdout
    assert "No such file" not in done.stdout
    assert "unknown" not in done.stdout


@pytest.mark.slow
def test_each_planted_bug_is_caught_by_the_failures_of_another_policy() -> None:
    waits = TIMES | {"agent.prepare_time": 0.5}
    plain = search("records", waits, 0.05, played_by_policy("plan-once"), agent="", seeds=25, count=30)
    faulty = waits | {"agent.lost_ack": 0.1, "agent.slip": 0.1}
    slips = search("records", faulty, 0.03, played_by_policy("plan-once"), agent="", seeds=15, count=30)
    missed = []
    for bug, plant in PLANTS.items():
        pairs = [
            pair
            for found in (plain, slips)
            for pair in zip(fails(found, plant), fails(found, SOUND[bug]), strict=True)
        ]
        # A history in which its own sound twin is wrong says nothing of the bug.
        if not any(wrong and not sound for wrong, sound in pairs):
            missed.append(bug)
    assert not missed
    assert len(PLANTS) >= 10


def test_the_command_writes_a_map_and_a_suite(tmp_path: Path) -> None:
    words = [
        "faults",
        "records",
        "--volatility",
        "0.05",
        *WORDS,
        "--seeds",
        3,
        "--count",
        3,
        "--out",
        "suite",
    ]
    said = inside(*words, cwd=tmp_path)
    assert said.code == 0, said.err
    assert "Wrote 3 tests to suite" in said.out
    folder = tmp_path / "suite"
    assert len(list((folder / "histories").glob("*.toml"))) == 3
    page = (folder / "map.html").read_text()
    assert "Where plan-once fails" in page
    assert "src=" not in page
    # Again, into the same folder: the old histories are gone.
    assert inside(*words[:-3], 1, "--out", "suite", cwd=tmp_path).code == 0
    assert len(list((folder / "histories").glob("*.toml"))) == 1


@pytest.mark.slow
def test_the_suite_runs_with_pytest_alone(tmp_path: Path) -> None:
    subprocess.run(
        [
            COMMAND,
            "faults",
            "records",
            "--volatility",
            "0.05",
            *WORDS,
            "--seeds",
            "4",
            "--count",
            "4",
            "--out",
            "suite",
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        env=os.environ | {"PYTHONHASHSEED": "7"},
    )
    (tmp_path / "mine.py").write_text(
        "from plandrift.policies import if_match\n\ndef mine():\n    return if_match()\n", encoding="utf-8"
    )

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "suite", *options]
        return subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert "4 failed" in run().stdout
    assert "A correct agent" in run().stdout
    assert run("--policy", "mine:mine").returncode == 0
    example = Path(__file__).parents[4] / "examples" / "mcp_agent.py"
    played = run("--agent", f"{sys.executable} {example}").stdout
    assert "4 failed" in played or "passed" in played, played


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["recods", "--out", "a"], "unknown world 'recods'"),
        (["records", "--policy", "gatd", "--out", "a"], "unknown policy 'gatd'"),
        (["records", "--out", "none/a"], "there is no folder none"),
        (["records", "--out", "full"], "--out full: it contains something else"),
        (["records", "--out", "a", "--seeds", "0"], "--seeds"),
        (
            ["records", "--out", "a", "--set", "policy.every=3"],
            "policy.every: a history cannot hold this policy",
        ),
        (["records", "--out", "a", "--agent", "no-such-program"], "--agent no-such-program"),
        (["records", "--out", "a", "--calibrated", "none.toml"], "none.toml"),
    ],
)
def test_wrong_inputs_are_one_line(words: list[str], line: str, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    assert line in refusal("faults", *words, cwd=tmp_path)
    assert (tmp_path / "full" / "thesis.txt").read_text() == "mine"
