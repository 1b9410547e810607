"""The headline experiment has both failures in it, and what the README says of it holds."""

from __future__ import annotations

from importlib import resources

import pytest

from plandrift.experiments.analysis.headline import harm_sentence, headline
from plandrift.experiments.analysis.tables import compare, table
from plandrift.experiments.figures.headline import alike
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import sweep
from plandrift.experiments.sweeps.spec import read_spec

DEMO = (resources.files("plandrift.experiments.book") / "suites" / "demo.toml").read_text(encoding="utf-8")
LADDER = 'policy = ["plan-once", "on-error", "replan-each", "gated", "look-first", "if-match"]'
VOLATILITIES = "volatility = [0.001, 0.00316, 0.01, 0.0316, 0.1, 0.2]"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The demo's experiment with a gate's trigger beside it, where each fluent changes every 32 steps."""
    assert LADDER in DEMO
    assert VOLATILITIES in DEMO
    text = DEMO.replace(LADDER, LADDER[:-1] + ', "event-driven"]').replace(
        VOLATILITIES, "volatility = [0.01, 0.0316]"
    )
    folder = tmp_path_factory.mktemp("demo") / "out"
    path = folder.parent / "demo.toml"
    path.write_text(text, encoding="utf-8")
    sweep(read_spec(path)[0].with_seeds(60), folder, workers=1, text=text)
    return Results(folder)


def rows(results: Results, metric: str, volatility: float = 0.0316) -> dict[str, float]:
    found = table(results, ["policy", "volatility"], [metric])
    return {row["policy"]: row["mean"] for row in found if row["volatility"] == volatility}


def test_the_gate_blocks_and_the_executor_slips(results: Results) -> None:
    blocks, slips = rows(results, "blocks"), rows(results, "mismatches_fired")
    for policy in ("gated", "look-first", "if-match"):
        assert blocks[policy] > 1
        assert slips[policy] == 0
    for policy in ("plan-once", "on-error", "replan-each", "event-driven"):
        assert blocks[policy] == 0
        assert slips[policy] > 1


def test_the_gate_on_the_belief_does_less_harm_than_its_trigger_alone(results: Results) -> None:
    for row in compare(results, "policy=event-driven,gated", "harm", ["volatility"]):
        assert row["verdict"] == "more"
        assert row["low"] > 0


def test_looks_and_the_worlds_check_catch_the_drift_that_the_gate_lets_through(results: Results) -> None:
    harm, slips = rows(results, "harm"), rows(results, "mismatches_fired")
    assert slips["gated"] == 0 < harm["gated"]
    assert harm["look-first"] < harm["gated"] / 2
    assert harm["if-match"] == 0


def test_the_sentence_says_the_figures(results: Results) -> None:
    said = harm_sentence(results)
    harm = rows(results, "harm", 0.01 if "every 100 " in said else 0.0316)
    assert f"{harm['plan-once']:.2g} harmful calls with plan-once" in said
    assert f"{harm['gated']:.2g} with gated" in said
    assert said.endswith("none with if-match")


def test_who_says_that_it_is_done_though_it_is_not_is_named(results: Results) -> None:
    said = next(one for one in headline(results) if "although goals are unmet" in one)
    rate = max(
        rows(
            results, "false_completion", 0.01 if "volatility 0.01 " in headline(results)[0] else 0.0316
        ).values()
    )
    assert f"in {rate:.0%} [" in said


def test_lines_are_one_band_only_where_they_coincide_from_end_to_end() -> None:
    lines = {"a": [0.0, 0.5, 1.0], "b": [0.01, 0.51, 1.01], "c": [0.0, 0.5, 1.3]}
    assert alike(lines, 0.05) == [["a", "b"], ["c"]]
