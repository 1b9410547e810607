"""Tables: rates from sums, what stands beside them, what may not be pooled, unfinished sweeps."""

from __future__ import annotations

import math
import re
from pathlib import Path
from statistics import fmean
from typing import Any

import duckdb
import pytest

from plandrift.experiments.analysis.headline import headline
from plandrift.experiments.analysis.selection import caption, panels, selected, varying
from plandrift.experiments.analysis.tables import compare, table
from plandrift.experiments.statistics.intervals import mean_interval
from plandrift.experiments.sweeps.parts import part_name
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import sweep
from plandrift.sim import SettingError
from tests.command import plandrift, refused

BY = ["policy", "volatility", "channel.latency"]


def rows_of(results: Results, query: str) -> list[tuple[Any, ...]]:
    with results.connect() as connection:
        return connection.execute(query).fetchall()


def test_a_rate_is_the_sum_over_the_sum(results: Results) -> None:
    known = {
        (policy, rate, late): (misfires / fired, success, fired / n)
        for policy, rate, late, misfires, fired, success, n in rows_of(
            results,
            'select policy, volatility, "channel.latency", sum(misfires), sum(steps_fired), avg(success), '
            "count(*) from episodes group by 1, 2, 3",
        )
    }
    for row in table(results, BY, ["misfire_rate"]):
        rate, success, fired = known[tuple(row[name] for name in BY)]
        assert row["mean"] == pytest.approx(rate, abs=1e-12)
        assert row["success"] == pytest.approx(success)
        assert row["steps_fired"] == pytest.approx(fired)
        assert 0 <= row["low"] <= row["mean"] <= row["high"] <= 1
    for metric in ("effectiveness", "staleness_before_fire", "thinking_share", "first_misfire_rate"):
        assert all(
            math.isnan(r["mean"]) or 0 <= r["low"] <= r["high"] <= 1 for r in table(results, BY, [metric])
        )


def test_a_group_of_several_conditions_has_one_value_a_seed(results: Results) -> None:
    pooled = selected(results, over=["all"])
    query = "select seed, plan_age from episodes where policy = 'gated' order by seed, condition"
    ages: dict[int, list[float]] = {}
    for seed, age in rows_of(results, query):
        ages.setdefault(seed, []).append(age)
    known = {seed: [age for age in some if not math.isnan(age)] for seed, some in ages.items()}
    [row] = [row for row in table(pooled, ["policy"], ["plan_age"]) if row["policy"] == "gated"]
    expected = mean_interval([fmean(some) for some in known.values() if some])
    assert [row["mean"], row["low"], row["high"]] == pytest.approx(
        [expected.mean, expected.low, expected.high]
    )
    assert (row["n"], row["episodes"]) == (expected.n, sum(map(len, known.values())))
    assert row["without"] == sum(map(len, ages.values())) - row["episodes"]


def test_what_varies_is_not_averaged_in_silence(results: Results) -> None:
    with pytest.raises(
        SettingError, match=r"channel.latency \(0, 2\).*--by.*--where.*--over channel.latency"
    ):
        table(results, ["policy", "volatility"], ["success"])
    with pytest.raises(SettingError, match="volatility"):
        compare(results, "policy=gated,plan-once", "success")
    one = selected(results, ["channel.latency = 2"])
    fixed = table(one, ["policy", "volatility"], ["success"])
    whole = [row for row in table(results, BY, ["success"]) if row["channel.latency"] == 2]
    assert [row["mean"] for row in fixed] == [row["mean"] for row in whole]
    averaged = selected(results, over=["channel.latency"])
    assert {row["episodes"] for row in table(averaged, ["policy", "volatility"], ["success"])} == {80}
    assert caption(averaged, ["policy", "volatility"]) == ["averaged over channel.latency (0, 2)"]
    assert list(varying(results, ["policy"])) == ["volatility", "channel.latency"]
    assert [panel.label for panel in panels(results, ["policy", "volatility"])] == [
        "observation latency 0",
        "observation latency 2",
    ]


def test_a_comparison_shows_what_was_achieved_and_attempted(results: Results) -> None:
    row = compare(results, "policy=gated,plan-once", "misfire_rate", ["volatility", "channel.latency"])[-1]
    for name in ("success", "goals_met", "steps_fired"):
        assert f"{name} at gated" in row
        assert f"{name} at plan-once" in row
    assert row["difference"] == pytest.approx(row["misfire_rate at gated"] - row["misfire_rate at plan-once"])


def test_an_unfinished_sweep_compares_the_seeds_that_all_have(results: Results, tmp_path: Path) -> None:
    """A folder of which one condition lacks its last 15 seeds."""
    folder = tmp_path / "out"
    (folder / "episodes").mkdir(parents=True)
    (folder / "manifest.json").write_text(
        results.manifest.model_copy(update={"steps": False}).model_dump_json()
    )
    first = results.manifest.conditions[0].id
    with duckdb.connect() as db:
        db.execute(
            f"copy (select * from '{results.folder}/episodes/part-*.parquet' "
            f"where not (condition = '{first}' and seed >= 25)) "
            f"to '{folder}/episodes/{part_name(0)}' (format parquet)"
        )
    partial = Results(folder)
    rows = table(partial, BY, ["success", "misfire_rate"])
    assert {row["n"] for row in rows} == {25}
    assert any("the 25 of 40 seeds that all conditions have" in line for line in caption(partial, BY))
    # The condition that lacks some is not compared: all seeds count.
    rest = selected(partial, ["policy = gated"])
    assert {row["n"] for row in table(rest, BY, ["success"])} == {40}
    assert caption(rest, BY) == ["1 of 1 parts are unverified: they were written before digests existed"]


def test_the_headline_is_computed_from_the_intervals(results: Results) -> None:
    said = headline(selected(results, ["channel.latency = 0"]), "effectiveness")
    assert said[0].startswith("at volatility")
    assert re.search(r"in \d+% \[\d+%, \d+%\]", said[0])
    assert "plan-once" in said[0]


def test_the_commands_say_what_they_averaged_and_refuse_to_do_so_in_silence(
    results: Results, tmp_path: Path
) -> None:
    folder = results.folder
    line = refused("table", folder, "--by", "policy", cwd=tmp_path)
    assert "volatility (0.01, 0.05, 0.2); channel.latency (0, 2)" in line
    said = plandrift(
        *("table", folder, "--metric", "misfire_rate", "--by", "policy,volatility", "--sort", "-mean"),
        *("--over", "channel.latency"),
        cwd=tmp_path,
    ).stdout
    assert "Averaged over channel.latency (0, 2)." in said
    rates = [float(row.split()[2]) for row in said.splitlines() if row.startswith("  ") and "0." in row]
    assert rates == sorted(rates, reverse=True)
    assert max(map(len, (row.rstrip() for row in said.splitlines()))) <= 100
    found = plandrift(
        *("compare", folder, "--between", "policy=gated,plan-once", "--by", "volatility"),
        *("--where", "channel.latency = 0"),
        cwd=tmp_path,
    ).stdout
    assert "Metric plan_staleness by policy; the difference is gated - plan-once" in found
    assert "success gated / plan-once" in found
    assert max(map(len, (row.rstrip() for row in found.splitlines()))) <= 100
    assert "no condition has channel.latency = 7" in refused(
        "table", folder, "--where", "channel.latency = 7", cwd=tmp_path
    )
    assert "does not vary" in refused("plot", folder, "--over", "world.values", cwd=tmp_path)
    assert "--sort meen" in refused("table", folder, "--over", "all", "--sort", "meen", cwd=tmp_path)
    wrote = plandrift("export", folder, "--to", "rows.csv", cwd=tmp_path).stdout
    assert wrote == "wrote 720 episodes, one row each, to rows.csv\n"


def test_metrics_and_version_are_said(tmp_path: Path) -> None:
    one = plandrift("metrics", "misfire_rate", cwd=tmp_path).stdout
    assert "sum of misfires / sum of steps_fired" in one
    assert "lower" in one
    assert "reads  (reads)" in plandrift("metrics", cwd=tmp_path).stdout
    assert "did you mean 'misfire_rate'" in refused("metrics", "misfire_rat", cwd=tmp_path)
    assert re.fullmatch(r"plandrift \d+\.\d+\.\d+\n", plandrift("--version", cwd=tmp_path).stdout)


def test_a_sweep_that_crashed_somewhere_still_has_a_table(tmp_path: Path) -> None:
    spec = {"world": "telegraph", "policy": "plan-once", "seeds": 3, "grid": {"volatility": [0.1, 0.2]}}
    rows = table(sweep(spec, tmp_path / "out").results, ["volatility"], ["plan_staleness"])
    assert [row["n"] for row in rows] == [3, 3]
    assert all(row["without"] == 0 for row in rows)
