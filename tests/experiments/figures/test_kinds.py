"""Figures of a sweep: their data, labels and what overlaps."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot as plt

from plandrift.experiments.analysis.best import best_cells
from plandrift.experiments.analysis.selection import selected
from plandrift.experiments.analysis.tables import table
from plandrift.experiments.analysis.theory_curves import floor, misfire_curves, step_curve, withheld
from plandrift.experiments.figures.kinds import KINDS
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import sweep
from tests.command import plandrift, refused
from tests.experiments.figures.legible import assert_legible, panels

pytestmark = pytest.mark.long


def test_lines_carry_the_tables_numbers_and_bands(results: Results) -> None:
    results = selected(results, ["channel.latency = 2"])
    figure = KINDS["staleness-volatility"](results)
    rows = table(results, ["policy", "volatility"], ["plan_staleness"])
    axes = panels(figure)[0]
    lines = {str(line.get_label()): line for line in axes.get_lines()}
    assert set(lines) == {"plan-once", "replan-each", "gated"}
    for name, line in lines.items():
        drawn = [(row["volatility"], row["mean"]) for row in rows if row["policy"] == name]
        assert np.asarray(line.get_xydata()).tolist() == [list(point) for point in drawn]
    assert len(axes.collections) == 3
    assert axes.get_xscale() == "log"
    assert {text.get_text().removesuffix(" (same)") for text in axes.texts} >= set(lines)
    # A second cue beside the colour.
    assert len({(line.get_marker(), str(line.get_linestyle())) for line in lines.values()}) == 3
    assert "log axis" in axes.get_xlabel()
    assert_legible(figure)


def test_theory_is_drawn_where_it_is_known_and_nowhere_else(results: Results, theory: Results) -> None:
    assert misfire_curves(results) == {}
    assert floor(results) == []
    curves = misfire_curves(theory)
    assert set(curves) == {"plan-once", "replan-each", "gated"}
    for row in table(theory, ["policy", "volatility"], ["misfire_rate"]):
        curve = curves[row["policy"]]
        known = min(curve, key=lambda point: abs(math.log(point[0] / row["volatility"])))[1]
        assert row["low"] - (row["high"] - row["low"]) < known < row["high"] + (row["high"] - row["low"])
    assert floor(theory) == curves["gated"]
    figure = KINDS["staleness-volatility"](theory)
    misfires = panels(figure)[2]
    assert any("out of reach" in text.get_text() for text in misfires.texts)
    assert sum(str(line.get_label()).startswith("theory of") for line in misfires.get_lines()) == 3
    assert_legible(figure)


def test_where_a_call_lands_after_its_steps_duration_no_theory_is_drawn(tmp_path: Path) -> None:
    """And the figure says why."""

    def drawn(latency: float) -> tuple[Results, list[str]]:
        spec = {
            "world": "telegraph",
            "seeds": 2,
            "horizon": 30,
            "grid": {"policy": ["plan-once", "gated"], "volatility": [0.01, 0.1]},
            "fixed": {"agent.action_latency": latency},
        }
        swept = sweep(spec, tmp_path / f"{latency}", steps=True).results
        kinds = (KINDS["staleness-volatility"](swept), KINDS["lines"](swept, y="misfire_rate"))
        said = [text.get_text() for figure in (*kinds, KINDS["step"](swept)) for text in figure.texts]
        return swept, [" ".join(text.split()) for text in said]

    late, notes = drawn(1.25)
    assert misfire_curves(late) == {}
    assert floor(late) == step_curve(late, 0.1) == []
    assert sum(withheld(late) in text for text in notes) == 3
    in_time, notes = drawn(1.0)
    assert misfire_curves(in_time)
    assert withheld(in_time) == ""
    assert not any("no theory" in text for text in notes)


@pytest.mark.parametrize("kind", ["lines", "latency", "step", "price", "best", "failure-mix", "mast"])
def test_each_kind_can_be_drawn_and_read(results: Results, kind: str) -> None:
    figure = KINDS[kind](results)
    assert figure._suptitle is not None  # type: ignore[attr-defined]
    assert figure._suptitle.get_text() == "What does it take?"  # type: ignore[attr-defined]
    assert all(axes.get_xlabel() for axes in panels(figure))
    assert_legible(figure)


def test_guards_say_what_was_found_and_what_is_left_out(results: Results) -> None:
    late = selected(results, ["channel.latency = 2"])
    figure = KINDS["guards"](late)
    rows = {
        (r["policy"], r["volatility"]): r for r in table(late, ["policy", "volatility"], ["effectiveness"])
    }
    for axes, volatility in zip(panels(figure), (0.01, 0.05, 0.2), strict=True):
        assert axes.get_title(loc="left").strip() == f"volatility {volatility:g}"
        drawn = sorted(round(float(c[0].get_ydata()[0]), 6) for c in axes.containers)
        assert drawn == sorted(round(row["mean"], 6) for (_, at), row in rows.items() if at == volatility)
    title = figure._suptitle.get_text()  # type: ignore[attr-defined]
    best = max(("plan-once", "replan-each", "gated"), key=lambda p: rows[p, 0.2]["mean"])
    assert title.startswith("At volatility")
    assert f"{best} meets" in title
    assert_legible(figure)
    # Two latencies are two panels a volatility: six, of which three are drawn, and it says so.
    figure = KINDS["guards"](results)
    assert len(panels(figure)) == 3
    assert any("3 of 6 panels drawn" in text.get_text().replace("\n", " ") for text in figure.texts)
    plt.close(figure)


def test_guards_whose_price_has_no_interval_are_drawn(tmp_path: Path) -> None:
    """Few values that are all alike have none: all who plan once take as long."""
    spec = {"world": "telegraph", "seeds": 3, "grid": {"policy": ["plan-once", "warn"], "volatility": [0.1]}}
    few = sweep(spec, tmp_path / "out", steps=False).results
    rows = table(few, ["policy"], ["duration"])
    assert any(math.isnan(row["high"]) for row in rows)
    figure = KINDS["guards"](few, "duration")
    (axes,) = panels(figure)
    assert axes.get_xlim()[1] > max(row["mean"] for row in rows)
    assert_legible(figure)
    plt.close(figure)


MANY = {
    "title": "Can twelve policies with long names be told apart, at one value of the setting along the axis?",
    "world": "telegraph",
    "seeds": 4,
    "horizon": 20,
    "grid": {
        "policy": [
            *("plan-once", "replan-each", "gated", "event-driven", "look-first", "if-match", "read-back"),
            *(f"bounded({name}, max_replans=2)" for name in ("gated", "look-first", "event-driven")),
            "gated(reads='fresh', compares='version')",
            "gated(checks='prepare', on_violation='warn')",
        ],
        "volatility": [0.1],
        "channel.latency": [1.0],
    },
}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return sweep(MANY, tmp_path_factory.mktemp("many") / "out", steps=False).results


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["lines", "staleness-volatility", "latency", "price", "guards", "failure-mix", "mast"]
)
def test_twelve_long_names_at_one_value_can_be_read(many: Results, kind: str) -> None:
    figure = KINDS[kind](many)
    assert panels(figure)
    assert_legible(figure)


def test_the_map_of_the_best_marks_what_is_within_noise(results: Results) -> None:
    cells = best_cells(results, "volatility", "channel.latency", "misfire_rate")
    assert len(cells) == 6
    # Without latency replanning and gating are the same to the last misfire.
    calm = [cell for cell in cells if cell.y == 0]
    assert all({cell.best, *cell.tied} >= {"replan-each", "gated"} for cell in calm)
    assert all("plan-once" not in (cell.best, *cell.tied) for cell in calm if cell.x == 0.2)


def test_ablation_and_storm_map(parts: Results) -> None:
    figure = KINDS["ablation"](parts)
    labels = [label.get_text() for label in panels(figure)[0].get_yticklabels()]
    assert "drift gate false → true" in labels
    assert_legible(figure)
    storm = KINDS["storm"](parts)
    # A row of panels with the gate and one without: they are not averaged.
    assert [axes.get_title(loc="left").strip() for axes in panels(storm)] == 2 * [
        "Storms",
        "Share of time spent thinking",
        "Success",
    ]
    plt.close(storm)


def test_effectiveness_has_a_panel_a_thinking_time(tmp_path: Path) -> None:
    spec = {
        "title": "How bold?",
        "world": "tileworld",
        "seeds": 2,
        "horizon": 60,
        "grid": {"policy": ["bold", "cautious"], "volatility": [2, 30], "agent.thinking_time": [0.0, 2.0]},
    }
    figure = KINDS["effectiveness"](sweep(spec, tmp_path / "out").results)
    titles = [axes.get_title(loc="left").strip() for axes in panels(figure)]
    assert titles == ["thinking time 0", "thinking time 2"]
    assert "γ" in panels(figure)[0].get_xlabel()
    assert_legible(figure)


def test_plot_writes_each_format_and_names_wrong_input(results: Results, tmp_path: Path) -> None:
    for ending in ("png", "pdf"):
        said = plandrift("plot", results.folder, "--out", f"figure.{ending}", cwd=tmp_path).stdout
        assert said == f"figure: figure.{ending}\n"
        assert (tmp_path / f"figure.{ending}").stat().st_size > 5000
    plandrift(
        "plot",
        results.folder,
        "--x",
        "volatility",
        "--y",
        "misfire_rate",
        "--by",
        "policy",
        "--facet",
        "channel.latency",
        "--out",
        "facets.svg",
        cwd=tmp_path,
    )
    assert "latency 2" in (tmp_path / "facets.svg").read_text()
    folder = results.folder
    assert "did you mean 'price'" in refused("plot", folder, "--kind", "prise", cwd=tmp_path)
    assert "does not vary" in refused("plot", folder, "--x", "agent.slip", cwd=tmp_path)
    assert "misfire_rate" in refused("plot", folder, "--y", "misfire_rat", cwd=tmp_path)
    assert "takes none of these options" in refused(
        "plot", folder, "--kind", "price", "--x", "a", cwd=tmp_path
    )
    assert "end its name in" in refused("plot", folder, "--out", "x.bmp", cwd=tmp_path)
    assert "no sweep in it" in refused("plot", tmp_path, cwd=tmp_path)
    assert "end its name in .html" in refused("report", folder, "--out", "x.pdf", cwd=tmp_path)
    assert "did you mean 'handoff'" in refused("reproduce", "handof", cwd=tmp_path)
