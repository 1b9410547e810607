"""Bars and intervals."""

from __future__ import annotations

from plandrift.experiments.figures.bars import indices_figure, intervals_figure
from tests.experiments.figures.legible import assert_legible, panels


def test_intervals_and_indices() -> None:
    figure = intervals_figure(
        [("one", -0.2, -0.3, -0.1), ("two", 0.01, -0.1, 0.12)], "What differs?", metric="misfires"
    )
    lines = panels(figure)[0].get_lines()
    filled = [line.get_markerfacecolor() for line in lines if line.get_marker() not in ("None", None, "")]
    assert "white" in filled
    assert len(set(map(str, filled))) == 2
    assert_legible(figure)
    two = [("a", (0.5, 0.4, 0.6), (0.6, 0.5, 0.7)), ("b", (0.1, 0.0, 0.2), (0.2, 0.1, 0.3))]
    assert_legible(indices_figure(two, "Which?"))
