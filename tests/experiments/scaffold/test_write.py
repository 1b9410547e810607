"""What `plandrift new` writes runs as it is and passes its check; a bad name is refused in a line."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import plandrift, refused

KINDS = ("world", "policy", "planner")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_clean_and_named(kind: str, tmp_path: Path) -> None:
    plandrift("new", kind, "Library", cwd=tmp_path)
    text = (tmp_path / "library.py").read_text()
    assert "caffold" not in text
    assert text.startswith('"""Library: ')
    config = f"--config={Path(__file__).parents[3] / 'pyproject.toml'}"
    for words in (["check"], ["format", "--check"]):
        subprocess.run([sys.executable, "-m", "ruff", *words, config, "library.py"], cwd=tmp_path, check=True)


def test_a_world_passes_its_check(tmp_path: Path) -> None:
    said = plandrift("new", "world", "book_shelf", cwd=tmp_path).stdout
    assert "plandrift check book_shelf:BookShelf" in said
    assert re.search(r"all \d+ kept", plandrift("check-world", "book_shelf:BookShelf", cwd=tmp_path).stdout)
    narrative = plandrift(
        "run", "book_shelf:BookShelf", "--policy", "gated", "--narrate", cwd=tmp_path
    ).stdout
    assert "The agent paints thing 0" in narrative


@pytest.mark.long
def test_a_policy_passes_its_check(tmp_path: Path) -> None:
    said = plandrift("new", "policy", "LookTwice", cwd=tmp_path).stdout
    assert "plandrift check look_twice:LookTwice" in said
    assert re.search(r"all \d+ kept", plandrift("check-policy", "look_twice:LookTwice", cwd=tmp_path).stdout)


def test_a_planner_plans(tmp_path: Path) -> None:
    plandrift("new", "planner", "by_number", cwd=tmp_path)
    code = """
from by_number import by_number
from plandrift.policies import plan_once
from plandrift.sim import run
from plandrift.worlds import Records

episode = run(Records(volatility=0.0), plan_once(), planner=by_number)
print(episode.end, episode.metrics.goals_met, episode.metrics.steps_fired)
"""
    (tmp_path / "plan.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "plan.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["done", "1.0", "10"]


def test_it_goes_where_it_is_told_and_never_over_a_file(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    plandrift("new", "world", "Library", "--in", "mine", cwd=tmp_path)
    before = (tmp_path / "mine" / "library.py").read_text()
    assert "already exists" in refused("new", "policy", "Library", "--in", "mine", cwd=tmp_path)
    assert (tmp_path / "mine" / "library.py").read_text() == before
    assert "can be written" in refused("new", "world", "Library", "--in", "nowhere", cwd=tmp_path)


@pytest.mark.parametrize("name", ["class", "2nd", "a b", "json", "sim", "_x", "Größe"])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    assert name in refused("new", "world", name, cwd=tmp_path)
    assert not list(tmp_path.iterdir())
