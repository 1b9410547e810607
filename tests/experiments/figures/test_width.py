"""Figures for a paper: as wide as asked for, in type that can be read, of every kind and in every format."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from plandrift.experiments.analysis.selection import selected
from plandrift.experiments.cli.commands.plot import millimetres
from plandrift.experiments.figures.kinds import KINDS
from plandrift.experiments.figures.style import MM, printed
from plandrift.experiments.sweeps.results import Results
from plandrift.sim import SettingError
from tests.command import plandrift, refused
from tests.experiments.figures.legible import assert_legible, panels

COLUMN = 85.0
SMALLEST = 7.0
"""Points: what can be read in print without effort; Nature asks for five at least."""


def assert_printable(figure: Figure, width: float = COLUMN) -> None:
    """No text is too small when the figure is printed this wide, and none is cut off."""
    figure.canvas.draw()
    scale = width * MM / figure.get_size_inches()[0]
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if text.get_text().strip() and text.get_visible():
            assert float(text.get_fontsize()) * scale > SMALLEST - 0.01, text.get_text()
    # Labels of ticks beyond an axis's ends are there, and not drawn.
    held = [*figure.texts, figure._suptitle]  # type: ignore[attr-defined]
    for axes in panels(figure):
        held += [*axes.texts, axes.xaxis.label, axes.yaxis.label, axes._left_title]  # type: ignore[attr-defined]
    for text in held:
        if text.get_text().strip():
            box = text.get_window_extent()
            assert -1 <= box.x0 < box.x1 <= figure.bbox.x1 + 1, text.get_text()
    assert_legible(figure)


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"ablation", "crew", "storm", "effectiveness"}))
@pytest.mark.parametrize("width", [COLUMN, 174.0])
def test_every_kind_fits_a_column_and_a_page(results: Results, kind: str, width: float) -> None:
    late = results if kind == "best" else selected(results, ["channel.latency = 2"])
    with printed(width):
        assert_printable(KINDS[kind](late), width)


@pytest.mark.parametrize("kind", ["ablation", "storm"])
def test_so_do_those_of_parts(parts: Results, kind: str) -> None:
    with printed(COLUMN):
        assert_printable(KINDS[kind](selected(parts, over=["all"])))


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_a_file_is_as_wide_as_asked_for(results: Results, tmp_path: Path, form: str) -> None:
    name = f"narrow.{form}"
    words = ("plot", results.folder, "--where", "channel.latency = 2", "--kind", "lines")
    plandrift(*words, "--width", "8.5 cm", "--out", name, cwd=tmp_path)
    held = (tmp_path / name).read_bytes()
    if form == "png":
        with Image.open(tmp_path / name) as picture:
            assert picture.width / picture.info["dpi"][0] == pytest.approx(COLUMN * MM, rel=1e-3)
        return
    if form == "svg":
        (width,) = re.findall(r'<svg [^>]*width="([\d.]+)pt"', held.decode())
    else:
        (width,) = re.findall(r"/MediaBox \[ 0 0 ([\d.]+) ", held.decode("latin-1"))
    assert float(width) == pytest.approx(COLUMN * MM * 72, rel=1e-4)


def test_a_width_that_is_none_is_refused(results: Results, tmp_path: Path) -> None:
    assert (millimetres("85mm"), millimetres("3.5 in")) == (85.0, 88.9)
    for text in ("85", "wide", "-3mm"):
        with pytest.raises(SettingError, match="--width"):
            millimetres(text)
    words = ("plot", results.folder, "--where", "channel.latency = 2", "--out", "a.png")
    assert "from 60mm to 400mm" in refused(*words, "--width", "9mm", cwd=tmp_path)


def test_small_multiples_over_two_settings(results: Results) -> None:
    with pytest.raises(SettingError, match="one setting, or two"):
        KINDS["lines"](results, facet="volatility,policy,world")
    with pytest.raises(SettingError, match="is already on an axis"):
        KINDS["lines"](results, facet="policy")
    figure = KINDS["lines"](results, x="volatility", by="world", facet="policy,channel.latency")
    drawn = panels(figure)
    assert [axes.get_title(loc="left").strip() for axes in drawn] == [
        f"{policy}, observation latency {late}"
        for policy in ("plan-once", "replan-each", "gated")
        for late in (0, 2)
    ]
    # The first goes down, the second across.
    places = [axes.get_position() for axes in drawn]
    assert places[0].y0 == places[1].y0 > places[2].y0
    assert places[0].x0 == places[2].x0 < places[1].x0
    plt.close(figure)
