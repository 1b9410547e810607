"""Bars and intervals."""

from __future__ import annotations

import pytest

from plandrift.experiments.figures.bars import ShareBar, indices_figure, intervals_figure, shares_figure
from plandrift.sim.measure.causes import CAUSES
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


def test_every_cause_has_a_look_of_its_own() -> None:
    shares = dict.fromkeys(CAUSES, 1 / len(CAUSES))
    figure = shares_figure([ShareBar("gated", shares, "120 in 1000 calls")], "Why do steps fail?")
    parts = figure.axes[0].patches
    assert len({(part.get_facecolor(), part.get_hatch()) for part in parts}) == len(parts) == len(CAUSES)
    assert_legible(figure)


def test_what_is_hardly_to_be_seen_in_any_bar_is_one_part() -> None:
    shares = {"drift": 0.97, "slip": 0.009, "void": 0.009, "echo": 0.012}
    figure = shares_figure([ShareBar("gated", shares, "1000 in 5000 calls")], "Why?")
    (axes,) = panels(figure)
    drawn = {held.get_label(): held[0].get_width() for held in axes.containers}
    assert drawn == pytest.approx({"drift": 0.97, "echo": 0.012, "the rest, each below 1%": 0.018})
