"""Where the horizon cut episodes off it is said, and two sides that it cut unequally are not compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plandrift.experiments.analysis.best import best_cells
from plandrift.experiments.analysis.claims import OPEN, Claim
from plandrift.experiments.analysis.contenders import compare_folders
from plandrift.experiments.analysis.differences import differences
from plandrift.experiments.analysis.selection import caption
from plandrift.experiments.analysis.tables import NOT_COMPARABLE, at_horizon, compare
from plandrift.experiments.figures.kinds.kind import note
from plandrift.experiments.pages.report import report_page
from plandrift.experiments.statistics.intervals import Interval
from plandrift.experiments.statistics.rulings import ruling
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import sweep
from tests.command import plandrift

THINKING = "agent.thinking_time"
BETWEEN = f"{THINKING}=2,0.2"


def thinking(folder: Path, horizon: float, thinking: list[float], **settings: float) -> Results:
    spec = {
        "title": "Does slow thinking cost?",
        "world": "records",
        "policy": "if-match",
        "seeds": 60,
        "horizon": horizon,
        "grid": {THINKING: thinking, "volatility": [0.03]},
        "fixed": {"channel.latency": 1.0, **settings},
    }
    return sweep(spec, folder, workers=2).results


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return thinking(tmp_path_factory.mktemp("short") / "out", 80.0, [0.2, 2.0])


@pytest.mark.slow
def test_what_a_horizon_cut_off_on_one_side_is_not_said_to_be_less(short: Results, tmp_path: Path) -> None:
    [cut] = compare(short, BETWEEN, "success", ["volatility"])
    assert cut["difference"] < 0
    assert cut["verdict"] == NOT_COMPARABLE
    assert cut["cut_off at 0.2"] == 0
    assert cut["cut_off at 2"] > 0.05
    # With time to end all episodes it is the other way round.
    [ample] = compare(thinking(tmp_path / "out", 600.0, [0.2, 2.0]), BETWEEN, "success", ["volatility"])
    assert ample["difference"] > 0
    assert ample["verdict"] != NOT_COMPARABLE
    assert ample["cut_off at 2"] == 0


def test_how_many_were_cut_off_can_itself_be_compared(short: Results) -> None:
    [row] = compare(short, BETWEEN, "cut_off", ["volatility"])
    assert row["low"] > 0
    assert row["why"] == "5 seeds carry it"


def test_sides_that_were_cut_off_alike_are_compared() -> None:
    alike, other = [0.0, 1.0] * 20, [1.0, 0.0] * 20
    assert at_horizon("success", alike, other) is None
    for one, two in (([1.0] * 40, alike), ([1.0] * 12, [0.0] * 12)):
        unequal = at_horizon("success", one, two)
        assert unequal is not None
        assert unequal.verdict == NOT_COMPARABLE
        assert ruling(Interval(1.0, 0.5, 1.5, 40), unequal) == unequal
    # Next to none, and on one side only: nothing hangs on those.
    assert at_horizon("success", [0.01] * 40, [0.0] * 40) is None


def test_it_is_said_wherever_numbers_are_shown(short: Results) -> None:
    words = "of the episodes with thinking time 2"
    [said] = caption(short, [THINKING])
    assert said.startswith("the horizon cut off ")
    assert words in said
    assert words in note(short, [THINKING])
    assert "the horizon cut off" in report_page(short).lower()
    table = plandrift("table", short.folder, "--by", THINKING, "--metric", "success", cwd=short.folder).stdout
    assert words in table
    assert "cut_off" in table.splitlines()[0]
    pairs = plandrift(
        "compare", short.folder, "--between", BETWEEN, "--metric", "success", cwd=short.folder
    ).stdout
    assert "cut_off 2 / 0.2" in pairs
    assert words in pairs


def test_it_is_said_how_many_of_each_side(short: Results) -> None:
    [row] = compare(short, BETWEEN, "success", ["volatility"])
    assert row["why"] == f"it cut off {row['cut_off at 2']:.1%} and 0.0%"


def test_a_claim_about_them_is_open(short: Results) -> None:
    for expect in ("less", "within"):
        claim = Claim("slow thinking costs", BETWEEN, "success", expect, ["volatility"], margin=0.9)
        assert claim.judge(short).verdict == OPEN


def test_folders_are_held_to_it_too(short: Results, tmp_path: Path) -> None:
    fast = thinking(tmp_path / "fast", 80.0, [0.2])
    rows = compare_folders(short, fast, "success")
    assert [row["verdict"].partition(":")[0] for row in rows if row["success"] < row["success against"]] == [
        NOT_COMPARABLE
    ]
    assert {row["verdict"] for row in rows if row["success"] == row["success against"]} == {"equal"}


def test_where_nothing_was_cut_off_nothing_is_said(tmp_path: Path) -> None:
    results = thinking(tmp_path / "out", 600.0, [0.2])
    assert caption(results, [THINKING]) == []
    words = ("table", results.folder, "--by", THINKING, "--metric", "success")
    assert "cut_off" not in plandrift(*words, cwd=tmp_path).stdout
    assert json.loads(plandrift(*words, "--format", "json", cwd=tmp_path).stdout)[0]["cut_off"] == 0


def test_policies_that_cannot_be_compared_are_no_winners(tmp_path: Path) -> None:
    spec = {
        "world": "records",
        "seeds": 12,
        "horizon": 30.0,
        "grid": {
            "policy": ["plan-once", "if-match"],
            "volatility": [0.05, 0.1],
            "channel.latency": [0.5, 1.0],
        },
        "fixed": {THINKING: 2.0},
    }
    results = sweep(spec, tmp_path / "out", workers=2).results
    cells = best_cells(results, "volatility", "channel.latency", "success")
    assert all(cell.tied for cell in cells)
    found = [one for world in differences(results) for one in world.found]
    assert any(one.row["verdict"] == NOT_COMPARABLE and not one.lower for one in found)
