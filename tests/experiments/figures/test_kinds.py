"""Figures of a sweep: their data, labels and what overlaps; the report and the book made of them."""

from __future__ import annotations

import math
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.analysis.best import best_cells
from experiments.analysis.claims import FAILS, HOLDS, OPEN, Claim, ends
from experiments.analysis.differences import differences
from experiments.analysis.tables import table
from experiments.analysis.theory_curves import floor, misfire_curves
from experiments.book.reproduce import Chapter, book
from experiments.figures.bars import indices_figure, intervals_figure
from experiments.figures.kinds import KINDS
from experiments.figures.price import PriceAndGain, front
from experiments.pages.elements import inline_svg
from experiments.pages.report import report_page
from experiments.sweeps.results import Results
from experiments.sweeps.run import sweep
from tests.browser import LAPTOP, PHONE, visit
from tests.command import plandrift, refused

SPEC: dict[str, Any] = {
    "title": "What does it take?",
    "world": "telegraph",
    "seeds": 40,
    "horizon": 30,
    "grid": {
        "policy": ["plan-once", "replan-each", "gated"],
        "volatility": [0.01, 0.05, 0.2],
        "channel.latency": [0.0, 2.0],
    },
}
PARTS: dict[str, Any] = {
    "title": "Which part does it?",
    "world": "records",
    "policy": "plan-once",
    "seeds": 30,
    "horizon": 30,
    "grid": {
        "policy.drift_gate": [False, True],
        "policy.min_interval": [0.0, 2.0],
        "policy.max_replans": [2, 10],
    },
    "fixed": {"volatility": 0.1, "agent.slip": 0.1},
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return sweep(SPEC, tmp_path_factory.mktemp("plots") / "out", steps=True).results


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return sweep(PARTS, tmp_path_factory.mktemp("plots") / "parts").results


@pytest.fixture(scope="module")
def theory(tmp_path_factory: pytest.TempPathFactory) -> Results:
    grid = SPEC["grid"] | {"channel.latency": [2.0]}
    return sweep(SPEC | {"grid": grid, "seeds": 60}, tmp_path_factory.mktemp("plots") / "theory").results


def panels(figure: Figure) -> list[Axes]:
    return [axes for axes in figure.axes if axes.axison]


def assert_legible(figure: Figure) -> None:
    """No two labels in bold touch each other, and none is cut off."""
    figure.canvas.draw()
    whole = figure.bbox
    for axes in panels(figure):
        boxes = [t.get_window_extent() for t in axes.texts if t.get_fontweight() == "bold" and t.get_text()]
        for one, two in combinations(boxes, 2):
            assert not one.padded(-1).overlaps(two.padded(-1))
        for box in boxes:
            assert box.x0 >= whole.x0 - 1
            assert box.x1 <= whole.x1 + 1
            assert box.y0 >= whole.y0 - 1
    plt.close(figure)


def test_lines_carry_the_tables_numbers_and_bands(results: Results) -> None:
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
    assert {text.get_text() for text in axes.texts} >= set(lines)
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
    misfires = panels(figure)[1]
    assert any("out of reach" in text.get_text() for text in misfires.texts)
    assert sum(str(line.get_label()).startswith("theory of") for line in misfires.get_lines()) == 3
    assert_legible(figure)


@pytest.mark.parametrize("kind", ["lines", "latency", "step", "price", "best", "failure-mix", "mast"])
def test_each_kind_can_be_drawn_and_read(results: Results, kind: str) -> None:
    figure = KINDS[kind](results)
    assert figure._suptitle is not None  # type: ignore[attr-defined]
    assert figure._suptitle.get_text() == "What does it take?"  # type: ignore[attr-defined]
    assert all(axes.get_xlabel() for axes in panels(figure))
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
    assert [axes.get_title(loc="left").strip() for axes in panels(storm)] == [
        "Storms",
        "Share of the time spent thinking",
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


def test_the_pareto_front_holds_what_nothing_beats() -> None:
    def offer(name: str, price: float, gain: float) -> PriceAndGain:
        return PriceAndGain(name, (price, price, price), (gain, gain, gain))

    found = front([offer("dear", 5, 1), offer("none", 0, 0), offer("good", 2, 3), offer("best", 4, 4)])
    assert [o.name for o in found] == ["none", "good", "best"]


def test_a_claim_holds_fails_or_stays_open(results: Results) -> None:
    def judged(expect: Any, **more: Any) -> str:
        return Claim("", "policy=gated,plan-once", "plan_staleness", expect, **more).judge(results).verdict

    fast = {"by": ["volatility", "channel.latency"], "where": {"volatility": 0.2, "channel.latency": 0.0}}
    assert judged("less", **fast) == HOLDS
    assert judged("more", **fast) == FAILS
    assert judged("less", by=["volatility"], where={"volatility": [7.0]}) == OPEN
    assert judged("within", margin=0.5) == HOLDS
    assert judged("within", margin=-0.9) == FAILS
    assert Claim("", "policy=gated,replan-each", "misfires", "less").judge(results).verdict in (OPEN, FAILS)
    assert ends([(1, 2), (3, 4)], 0) == HOLDS
    assert ends([(1, 2), (-3, -1)], 0) == FAILS
    assert ends([(1, 2), (-3, 1)], 0) == OPEN


def test_what_contradicts_the_design_stands_at_the_top(results: Results) -> None:
    claim = Claim("Planning once is fresher", "policy=plan-once,gated", "plan_staleness", "less")
    finding = claim.judge(results)
    assert finding.contradicts
    text = book([Chapter("one", "What does it take?", "", [finding], [])], quick=True)
    assert text.index("Against what the design expects") < text.index('<h2 id="one">')
    assert "1 does not hold" in text


def test_words_are_made_from_the_numbers(results: Results) -> None:
    said = differences(results)
    lower = re.compile(r"gated has a lower plan staleness than plan-once: 0\.\d+ against 0\.\d+")
    assert any(lower.match(s) for s in said)
    assert any("is not decided" in s or "the same" in s for s in said)
    row = next(r for r in table(results, ["policy"], ["replans"]) if r["policy"] == "gated")
    higher = f"gated has a higher number of replans than plan-once: {row['mean']:.3g} against 0"
    assert any(higher in s for s in said)


def test_svgs_in_one_page_share_no_names(results: Results) -> None:
    one, two = (inline_svg(KINDS["lines"](results), label) for label in ("one", "two"))
    names = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in (one, two)]
    assert names[0]
    assert not names[0] & names[1]
    assert set(re.findall(r"url\(#([^)]+)\)", one)) <= names[0]


def test_the_report_opens_with_no_request(results: Results, tmp_path: Path) -> None:
    plandrift("report", results.folder, "--out", "report.html", cwd=tmp_path)
    with visit(tmp_path / "report.html", PHONE) as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        seen.page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
        assert seen.page.locator("h1").inner_text() == "What does it take?"
        assert seen.page.locator("figure svg").count() >= 5
        assert seen.page.locator("li").count() >= 10
        assert "plandrift sweep" in seen.page.locator("pre").inner_text()
        assert seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_report_of_a_sweep_without_a_title_or_policies_to_compare(parts: Results) -> None:
    text = report_page(parts)
    assert "Which part does it?" in text
    assert "There is one policy" in text


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
    assert "takes no such option" in refused("plot", folder, "--kind", "price", "--x", "a", cwd=tmp_path)
    assert "end its name in" in refused("plot", folder, "--out", "x.bmp", cwd=tmp_path)
    assert "no sweep in it" in refused("plot", tmp_path, cwd=tmp_path)
    assert "end its name in .html" in refused("report", folder, "--out", "x.pdf", cwd=tmp_path)
    assert "did you mean 'handoff'" in refused("reproduce", "handof", cwd=tmp_path)


@pytest.mark.slow
def test_the_book_in_its_quick_form(tmp_path: Path) -> None:
    """Every question, its figures and verdicts; started again it runs nothing anew."""
    words = ("reproduce", "all", "--quick", "--out", "book")
    repository = Path(__file__).parents[2]
    said = plandrift(*words, "--repository", repository, cwd=tmp_path, limit=900).stdout
    assert said.count("holds") >= 10
    assert "does not hold" not in said
    again = plandrift("reproduce", "handoff", "--quick", "--out", "book", cwd=tmp_path).stdout
    assert re.search(r"in \d+ s", again)
    assert "0 episodes run" not in again
    assert not list((tmp_path / "book").glob("*/failures.jsonl"))


@pytest.mark.slow
def test_one_question_of_the_book(tmp_path: Path) -> None:
    said = plandrift("reproduce", "step-within-plan", "--quick", "--out", "book", cwd=tmp_path).stdout
    assert "Where in a plan does staleness sit?" in said
    with visit(tmp_path / "book" / "index.html") as seen:
        assert seen.page.locator("figure svg").count() == 1
        assert seen.page.locator("h3 span").first.inner_text() in (HOLDS, OPEN)
