"""What the README's table answers the article with holds in a cheap version of the suites that it names."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any, cast

import pytest

from plandrift.experiments.analysis.claims import FAILS, HOLDS, OPEN
from plandrift.experiments.analysis.tables import compare, table
from plandrift.experiments.book import checks
from plandrift.experiments.book.checks import turns, where_looking_pays
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import sweep
from plandrift.experiments.sweeps.spec import read_spec

SEEDS = 60


def narrowed(suite: str, folder: Path, **grid: list[Any]) -> Results:
    """A suite with fewer values of some of its settings, and few seeds."""
    path = Path(str(resources.files("plandrift.experiments.book") / "suites" / f"{suite}.toml"))
    spec, _ = read_spec(path)
    values = {name.replace("_", "."): chosen for name, chosen in grid.items()}
    assert values.keys() <= spec.grid.keys()
    spec = spec.model_copy(update={"grid": spec.grid | values, "seeds": SEEDS})
    sweep(spec, folder, workers=1)
    return Results(folder)


def as_said(results: Results, metric: str, by: list[str], said: dict[Any, float]) -> None:
    """Each figure of the README is within about four standard errors of the cheap sweep's."""
    rows = {tuple(row[name] for name in by): row for row in table(results, by, [metric])}
    assert said.keys() <= rows.keys()
    for group, value in said.items():
        row = rows[group]
        assert abs(row["mean"] - value) <= row["high"] - row["low"], (metric, group, row["mean"])


@pytest.mark.long
def test_a_plan_goes_stale_and_latency_bounds_what_replanning_gives(tmp_path: Path) -> None:
    results = narrowed(
        "staleness-volatility",
        tmp_path / "out",
        policy=["plan-once", "replan-each"],
        volatility=[0.03],
        channel_latency=[0.0, 1.0, 8.0],
    )
    said = {("plan-once", 0.0): 0.434, ("plan-once", 8.0): 0.434}
    said |= {("replan-each", 0.0): 0.073, ("replan-each", 1.0): 0.173, ("replan-each", 8.0): 0.465}
    as_said(results, "plan_staleness", ["policy", "channel.latency"], said)
    rows = compare(results, "policy=replan-each,plan-once", "plan_staleness", ["channel.latency"])
    assert [row["verdict"] for row in rows] == ["less", "less", "more"]


@pytest.mark.long
def test_reconciling_catches_the_mismatch_and_a_look_or_the_world_the_drift(tmp_path: Path) -> None:
    policies = ["replan-each", "gated", "look-first", "if-match"]
    results = narrowed("demo", tmp_path / "out", policy=policies, volatility=[0.0316])
    fired = {("replan-each",): 1.56, ("gated",): 0.0, ("look-first",): 0.0, ("if-match",): 0.0}
    as_said(results, "mismatches_fired", ["policy"], fired)
    drifted = {("gated",): 0.119, ("look-first",): 0.022, ("if-match",): 0.0}
    as_said(results, "first_misfire_rate", ["policy"], drifted)
    for better, worse, metric in (
        ("gated", "replan-each", "mismatches_fired"),
        ("look-first", "gated", "first_misfire_rate"),
        ("if-match", "gated", "first_misfire_rate"),
    ):
        assert compare(results, f"policy={better},{worse}", metric)[0]["verdict"] == "less"


@pytest.mark.long
def test_a_check_of_the_effects_catches_silent_success(tmp_path: Path) -> None:
    results = narrowed("failure-mix", tmp_path / "out", policy=["gated", "read-back"])
    as_said(results, "undetected_silent_successes", ["policy"], {("gated",): 0.62, ("read-back",): 0.007})
    row = compare(results, "policy=read-back,gated", "undetected_silent_successes")[0]
    assert row["verdict"] == "less"


@pytest.mark.slow
def test_an_order_that_turns_is_found_and_one_that_does_not_is_not(tmp_path: Path) -> None:
    grid: dict[str, list[Any]] = {"policy": ["plan-once", "gated"], "volatility": [0.1]}
    order = ("policy=gated,plan-once", "plan_staleness", "channel.latency", "volatility", [0.1])
    far = narrowed("staleness-volatility", tmp_path / "far", **grid, channel_latency=[0.0, 8.0])
    verdict, rows = turns(*order, "less", "more")(far)
    assert verdict == HOLDS
    assert 5 < rows[0]["turns at"] < 8
    assert turns(*order, "more", "less")(far)[0] == FAILS
    near = narrowed("staleness-volatility", tmp_path / "near", **grid, channel_latency=[0.0, 1.0])
    verdict, rows = turns(*order, "less", "more")(near)
    assert verdict == FAILS
    assert rows[0]["turns at"] is None


@pytest.mark.parametrize(
    ("near", "far", "expected"),
    [
        (("less", -0.1, -0.05), ("not decided", -0.01, 0.01), HOLDS),
        (("less", -0.1, -0.05), ("more", 0.01, 0.02), HOLDS),
        (("less", -0.1, -0.05), ("not decided", -0.05, 0.01), OPEN),
        (("not decided", -0.1, 0.05), ("not decided", -0.01, 0.01), OPEN),
        (("less", -0.1, -0.05), ("less", -0.08, -0.04), FAILS),
        (("more", 0.05, 0.1), ("not decided", -0.01, 0.01), FAILS),
    ],
)
def test_a_look_pays_up_to_twice_the_latency(
    near: tuple[str, float, float],
    far: tuple[str, float, float],
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [
        {"volatility": 0.05, "channel.latency": 1.0, "agent.read_latency": read}
        | {"verdict": verdict, "difference": (low + high) / 2, "low": low, "high": high}
        for read, (verdict, low, high) in ((0.2, near), (2.0, far))
    ]
    monkeypatch.setattr(checks, "compare", lambda *_: found)
    assert where_looking_pays(cast(Results, None))[0] == expected
