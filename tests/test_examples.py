"""Each example runs as it stands, says something, and is short enough to copy."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import apart as plandrift

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "examples"
LONGEST = 78

# Each example with what its output must hold.
SAYS = {
    "careful_policy": r"Careful +\d+ replies that did harm",
    "cluster_sweep": r"volatility 0\.1: -\d\.\d\d misfires \(less\)",
    "git_staleness": r"plan-once: \d+ lost updates in \d+ writes",
    "headline_sweep": r"figure: results/headline/staleness\.svg",
    "mcp_agent": "",
    "model_agent": "",
    "shadow_guard": r'"look-first":"block"',
    "ticket_circle": r"shadow: \d\d of 240 .*\non: 0 of 240",
    "own_planner": r"gated +riskiest first +\d+ updates",
    "warehouse_world": "",
}
ASKS = {"mcp_agent", "model_agent"}
"""Examples that need a server or an endpoint: tests/experiments/play gives them one."""
SLOW = ("cluster_sweep", "headline_sweep")


def test_each_is_held() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.py")) == sorted(SAYS)


@pytest.mark.parametrize("name", SAYS)
def test_an_example_is_short_and_says_what_it_shows(name: str) -> None:
    text = (FOLDER / f"{name}.py").read_text()
    assert len(text.splitlines()) <= LONGEST
    assert text.startswith('"""')


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else [])
        for name in SAYS
        if name not in ASKS
    ],
)
def test_an_example_runs(name: str, tmp_path: Path) -> None:
    words = [sys.executable, str(FOLDER / f"{name}.py")]
    if name == "git_staleness":
        words.append(str(history(tmp_path / "repository")))
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert re.search(SAYS[name], done.stdout), done.stdout


def test_the_warehouse_keeps_what_every_world_must(tmp_path: Path) -> None:
    checked = plandrift("check-world", "examples.warehouse_world:Warehouse", cwd=ROOT)
    assert re.search(r"all \d+ kept", checked.stdout)
    episode = plandrift("run", "examples.warehouse_world:Warehouse", "--policy", "gated", "--json", cwd=ROOT)
    assert '"fetch(' in episode.stdout
    assert '"pack(' in episode.stdout


def test_the_policy_keeps_what_every_policy_must(tmp_path: Path) -> None:
    checked = plandrift("check-policy", "examples.careful_policy:Careful", cwd=ROOT)
    assert re.search(r"all \d+ kept", checked.stdout)


def history(folder: Path) -> Path:
    """A small repository: two people write the same file, an hour apart."""
    folder.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    for number in range(30):
        who = ("ana", "bo")[number % 2]
        (folder / f"part-{number % 3}.txt").write_text(f"{number}\n")
        (folder / "notes.txt").write_text(f"{number}\n")
        when = {"GIT_COMMITTER_DATE": f"{1_700_000_000 + 3600 * number} +0000"}
        person = ("-c", f"user.name={who}", "-c", f"user.email={who}@example.org")
        subprocess.run(["git", "add", "."], cwd=folder, check=True)
        commit = ["git", *person, "commit", "-q", "-m", f"note {number}"]
        subprocess.run(commit, cwd=folder, check=True, env=os.environ | when)
    return folder
