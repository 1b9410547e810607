"""What a sweep found: world by world, and only what is decided."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from matplotlib.colors import to_hex

from plandrift.experiments.analysis.best import best_cells
from plandrift.experiments.analysis.differences import differences, sentence
from plandrift.experiments.analysis.headline import headline
from plandrift.experiments.analysis.selection import averaging, selected
from plandrift.experiments.analysis.tables import compare, table
from plandrift.experiments.figures.kinds import KINDS
from plandrift.experiments.figures.maps import FAINT_CELL
from plandrift.experiments.pages.report import report_page
from plandrift.experiments.statistics.text import shown
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import sweep
from tests.command import plandrift


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A world in which next to nothing happens: nobody is better than another."""
    spec: dict[str, Any] = {
        "title": "Who is best where nothing moves?",
        "world": "telegraph",
        "seeds": 5,
        "grid": {
            "policy": ["plan-once", "gated", "look-first", "if-match"],
            "volatility": [0.0005, 0.001],
            "channel.latency": [0.0, 1.0],
        },
    }
    return sweep(spec, tmp_path_factory.mktemp("still") / "out", workers=1).results


@pytest.fixture(scope="module")
def two_worlds(tmp_path_factory: pytest.TempPathFactory) -> Results:
    spec: dict[str, Any] = {
        "title": "Two worlds",
        "seeds": 30,
        "horizon": 40,
        "grid": {"world": ["records", "telegraph"], "policy": ["plan-once", "if-match"]},
        "fixed": {"volatility": 0.05, "channel.latency": 1.0},
    }
    return sweep(spec, tmp_path_factory.mktemp("two") / "out", workers=1).results


@pytest.mark.long
def test_words_are_made_from_the_numbers(results: Results) -> None:
    (world,) = differences(results)
    said = [sentence(one) for one in world.found if one.lower]
    lower = re.compile(r"gated has a lower plan staleness than plan-once: 0\.\d+ against 0\.\d+")
    assert any(lower.match(s) for s in said)
    row = next(r for r in table(averaging(results), ["policy"], ["replans"]) if r["policy"] == "gated")
    higher = f"gated has a higher number of replans than plan-once: {row['mean']:.3g} against 0"
    assert any(higher in s for s in said)
    assert all(one.lower in (one.one, one.two) for one in world.found if one.row["verdict"] == "less")
    assert world.undecided == sum(one.row["verdict"] == "not decided" for one in world.found)


@pytest.mark.slow
def test_each_world_has_a_short_table_of_its_own_with_only_what_is_decided(two_worlds: Results) -> None:
    worlds = differences(two_worlds)
    assert [one.results.manifest.conditions[0].world for one in worlds] == ["records", "telegraph"]
    for name, one in zip(("records", "telegraph"), worlds, strict=True):
        alone = selected(two_worlds, [f"world = {name}"])
        for found in one.found:
            row = compare(alone, "policy=if-match,plan-once", found.metric)[0]
            assert found.row["difference"] == row["difference"]
        assert sum(row[LOWER].count("(") for row in one.rows()) == sum(bool(f.lower) for f in one.found)
    text = report_page(two_worlds)
    section = text.partition("<h2>What differs</h2>")[2].partition("<h2>")[0]
    assert section.count("<h3>") == 2
    for one in worlds:
        assert f"{one.undecided} of 5 differences are not decided" in section or not one.undecided


LOWER = "significantly lower than (by)"


def test_one_policy_that_does_no_harm_does_none_in_its_episodes(tmp_path: Path) -> None:
    spec: dict[str, Any] = {
        "world": "records",
        "seeds": 6,
        "grid": {"policy": ["plan-once", "if-match"], "volatility": [0.05, 0.2]},
    }
    said = headline(sweep(spec, tmp_path / "out", workers=1).results)
    assert said[-1] == "over all values of volatility, if-match did no harm in 12 episodes"


@pytest.mark.slow
def test_where_nobody_is_told_apart_no_title_and_no_colour_says_who_is_best(still: Results) -> None:
    title = KINDS["guards"](selected(still, ["channel.latency = 0"])).get_suptitle()
    assert "the guards do not differ significantly in goals met" in " ".join(title.split())
    cells = best_cells(still, "volatility", "channel.latency", "effectiveness")
    assert not any(cell.decided for cell in cells)
    axes = KINDS["best"](still).axes[0]
    assert {to_hex(patch.get_facecolor()) for patch in axes.patches} == {FAINT_CELL}
    assert [text.get_text() for text in axes.texts].count("not\ndecided") == 4
    (world,) = differences(selected(still, over=["all"]))
    assert not [row for row in world.rows() if row["metric"] == "share of the goals met"]


def test_the_title_of_guards_is_decided_by_compare(results: Results) -> None:
    results = selected(results, ["channel.latency = 0"])
    title = " ".join(KINDS["guards"](results).get_suptitle().split())
    found = re.fullmatch(r"At volatility ([\d.]+) (\S+) meets \d+% .*, (\S+) (\d+% .*|no .*)", title)
    assert found is not None, title
    rows = compare(results, f"policy={found[2]},{found[3]}", "effectiveness", ["volatility"])
    assert next(row["verdict"] for row in rows if shown(row["volatility"]) == found[1]) == "more"


def test_of_one_policy_what_is_not_told_apart_is_said_to_be_so(still: Results) -> None:
    one = selected(still, ["policy = gated", "channel.latency = 0"])
    narrow = one.narrowed(one.manifest.conditions, [])
    narrow.manifest.policies[:] = ["gated"]
    said = headline(narrow)
    assert said[0].startswith("from volatility 0.0005 to 0.001 success goes from 1 ")
    assert said[0].endswith(" (difference not decided)")


def test_compare_says_that_few_seeds_carry_a_difference(results: Results, tmp_path: Path) -> None:
    """The interval lies below 0, and 8 of 40 seeds are all that differ."""
    words = ["compare", results.folder, "--between", "policy=gated,plan-once", "--by", "volatility"]
    words += ["--where", "channel.latency = 2", "--metric", "first_misfires"]
    row = json.loads(plandrift(*words, "--format", "json", cwd=tmp_path).stdout)[0]
    assert row["high"] < 0
    assert (row["verdict"], row["why"]) == ("not decided", "8 seeds carry it")
    assert "not decided: 8 seeds carry it" in plandrift(*words, cwd=tmp_path).stdout
