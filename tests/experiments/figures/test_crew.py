"""The figure of a sweep over the number of agents, and what a sweep does with crews."""

from __future__ import annotations

from pathlib import Path

import pytest

from plandrift.experiments.figures.kinds import KINDS
from plandrift.experiments.figures.looks import looks
from plandrift.experiments.figures.style import printed
from plandrift.experiments.sweeps.condition import condition
from plandrift.experiments.sweeps.engines import chosen
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import sweep
from plandrift.sim import SettingError
from tests.experiments.figures.legible import assert_legible, panels
from tests.experiments.figures.test_width import COLUMN, assert_printable

SPEC = {
    "title": "How many agents?",
    "world": "ledger",
    "policy": "plan-once",
    "seeds": 2,
    "horizon": 300,
    "grid": {"crew.agents": [1, 2, 4], "crew.coordination": ["none", "serial"]},
    "fixed": {"world.tasks": 6, "world.steps": 2, "world.shared": 8, "agent.thinking_time": 1.0},
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return sweep(SPEC, tmp_path_factory.mktemp("crew") / "out", workers=1).results


@pytest.mark.long
def test_a_line_for_each_coordination_beside_the_diagonal(results: Results) -> None:
    figure = KINDS["crew"](results)
    (axes,) = figure.axes
    # The diagonal comes first; a turn makes N agents as fast as one.
    diagonal, none, serial = (line.get_xydata().tolist() for line in axes.get_lines())  # type: ignore[union-attr]
    assert diagonal == [[1, 1], [2, 2], [4, 4]]
    assert [point[0] for point in none] == [1, 2, 4]
    assert [point[1] for point in serial] == pytest.approx([1, 1, 1])
    assert_legible(figure)
    with printed(COLUMN):
        assert_printable(KINDS["crew"](results))


@pytest.mark.long
def test_a_panel_for_each_setting_and_a_line_for_each_way_to_work_together(tmp_path: Path) -> None:
    ways = {
        "policy": ["plan-once", "if-match", "if-match"] * 2,
        "crew.repair": ["whole", "whole", "part"] * 2,
        "agent.thinking_time": ["exponential(4)"] * 3 + [1] * 3,
        "crew.models": ["none"] * 3 + [2] * 3,
    }
    fixed = {"world.tasks": 6, "world.steps": 2, "world.shared": 8}
    spec = {**SPEC, "fixed": fixed, "grid": {"crew.agents": [1, 2]}, "zip": ways}
    del spec["policy"]
    figure = KINDS["crew"](sweep(spec, tmp_path / "out", workers=1).results)
    drawn = {axes.get_title(loc="left").strip(): axes for axes in panels(figure)}
    assert set(drawn) == {"thinking 4, a model each", "thinking 1, 2 models"}
    names = [t.get_text() for t in drawn["thinking 4, a model each"].texts if t.get_fontweight() == "bold"]
    assert sorted(names) == ["if-match", "if-match,\nrepaired", "plan-once"]
    found = {line.get_color() for line in drawn["thinking 4, a model each"].get_lines()[1:]}
    assert found == {looks(["if-match"])["if-match"].colour, looks(["plan-once"])["plan-once"].colour}
    assert_legible(figure)


def test_a_crew_is_left_to_the_simpy_engine() -> None:
    pytest.importorskip("numba")
    one = condition("telegraph", "gated", {"crew.agents": 2, "world.fluents": 3})
    assert chosen([one], "auto", 10_000) == {one.id: "simpy: crew.agents = 2"}
    with pytest.raises(SettingError, match=r"crew\.agents = 2"):
        chosen([one], "compiled", 10_000)


def test_a_kind_of_figure_for_crews_needs_one(tmp_path: Path) -> None:
    alone = SPEC | {"grid": {"crew.coordination": ["none"]}, "seeds": 1}
    with pytest.raises(SettingError, match=r"crew\.agents"):
        KINDS["crew"](sweep(alone, tmp_path / "out", workers=1).results)
