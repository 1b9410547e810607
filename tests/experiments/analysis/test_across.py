"""Tables as a paper has them: policies as columns, in LaTeX, and no wider than a screen."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from plandrift.experiments.analysis.across import across
from plandrift.experiments.analysis.selection import seeds_words, selected
from plandrift.experiments.analysis.tables import table
from plandrift.experiments.cli.latex import latex_table
from plandrift.experiments.cli.printing import WIDEST, print_rows
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import sweep
from plandrift.sim import SettingError
from tests.command import plandrift, refused

LATE = ("--where", "channel.latency = 2")


def test_the_values_of_a_setting_become_columns(results: Results) -> None:
    late = selected(results, [LATE[1]])
    rows = table(late, ["policy", "volatility"], ["misfire_rate", "replans"])
    words = across(rows, "policy", ["volatility"])
    assert [row["metric"] for row in words] == ["misfire_rate"] * 3 + ["replans"] * 3
    assert list(words[0]) == ["volatility", "metric", "plan-once", "replan-each", "gated"]
    numbers = across(rows, "policy", ["volatility"], words=False)
    for told, row in zip(words, numbers, strict=True):
        for policy in ("plan-once", "replan-each", "gated"):
            (given,) = [
                r
                for r in rows
                if (r["metric"], r["volatility"], r["policy"]) == (row["metric"], row["volatility"], policy)
            ]
            assert (row[policy], row[f"{policy} low"], row[f"{policy} high"]) == (
                *(given["mean"], given["low"], given["high"]),
            )
            found = [float(number) for number in re.findall(r"[\d.]+", told[policy])]
            expected = [given["mean"], given["low"], given["high"]]
            assert found[:1] == pytest.approx(expected[:1], abs=0.06)
            if given["low"] == given["low"]:
                assert found == pytest.approx(expected, abs=0.06)
    plain = across(rows, "policy", ["volatility"], intervals=False)
    assert all("[" not in row["gated"] for row in plain)


def test_values_that_are_no_columns_are_refused(results: Results) -> None:
    late = selected(results, [LATE[1]])
    rows = [row | {"policy": "metric"} for row in table(late, ["policy", "volatility"], ["replans"])]
    with pytest.raises(SettingError, match="--across policy"):
        across(rows, "policy", ["volatility"])


def test_a_group_without_a_value_has_an_empty_cell(results: Results) -> None:
    rows = table(selected(results, [LATE[1]]), ["policy", "volatility"], ["replans"])
    lacking = [row for row in rows if (row["policy"], row["volatility"]) != ("gated", 0.05)]
    assert [row["gated"] is None for row in across(lacking, "policy", ["volatility"])] == [False, True, False]


def test_the_command_turns_its_table_in_every_format(results: Results) -> None:
    words = ("table", results.folder, "--by", "volatility", "--across", "policy", *LATE)
    here = results.folder
    text = plandrift(*words, "--metric", "misfire_rate", cwd=here).stdout
    # A rate has what was achieved beneath it.
    assert text.count("misfire_rate ") == text.count(" success ") >= 3
    assert "n = 40 seeds per condition (0 to 39)" in text.replace("\n", " ")
    assert all(len(line) <= WIDEST for line in text.splitlines())
    rows = json.loads(plandrift(*words, "--format", "json", cwd=here).stdout)
    assert list(rows[0])[2:5] == ["plan-once", "plan-once low", "plan-once high"]
    lines = plandrift(*words, "--format", "csv", cwd=here).stdout.splitlines()
    assert [float(row["gated"]) for row in csv.DictReader(lines)] == [row["gated"] for row in rows]
    latex = plandrift(*words, "--metric", "misfire_rate", "--format", "latex", cwd=here).stdout
    assert r"\begin{tabular}{rlrrr}" in latex
    assert r"misfire\_rate" in latex
    assert r"\caption{Metrics misfire\_rate, success, 95 \% intervals, n = 40 seeds" in latex
    assert len(re.findall(r"\\\\$", latex, re.MULTILINE)) == 7
    assert not re.search(r"(?<!\\)[_%#]", latex.split("\n", 1)[1])
    markdown = plandrift(*words, "--no-intervals", "--format", "markdown", cwd=here).stdout
    assert markdown.startswith("| volatility | plan-once | replan-each | gated |\n")
    assert "[" not in markdown
    assert "--sort is given together with --across" in refused(*words, "--sort", "volatility", cwd=here)
    assert "--by nothing" in refused("table", here, "--across", "nothing", cwd=here)


def test_a_table_in_latex_escapes_what_its_cells_hold() -> None:
    said = latex_table([{"policy": "a_b & c%", "mean": 0.5}, {"policy": "{x}^2 ~ \\", "mean": None}])
    assert r"a\_b \& c\% & 0.5 \\" in said
    assert r"\{x\}\textasciicircum{}2 \textasciitilde{} \textbackslash{} & -- \\" in said
    assert r"\begin{tabular}{lr}" in said
    assert r"\begin{table}" not in said


def test_a_table_wider_than_a_screen_is_broken_into_parts(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"volatility": 0.1} | {f"policy number {i}": "0.123 [0.100, 0.150]" for i in range(9)}
    print_rows([row], keys=1)
    said = capsys.readouterr().out
    assert all(len(line) <= WIDEST for line in said.splitlines())
    assert said.count("volatility") == said.count("\n\n") + 1 == 3
    assert [f"policy number {i}" in said for i in range(9)] == [True] * 9


def test_a_fixed_number_of_seeds_and_a_stopping_rule_are_said(results: Results, tmp_path: Path) -> None:
    assert seeds_words(results) == "n = 40 seeds per condition (0 to 39)"
    rule = {"metric": "misfires", "half_width": 0.4, "at_most": 400}
    spec = {"world": "telegraph", "horizon": 12, "until": rule}
    ruled = sweep(
        spec | {"policy": "plan-once", "grid": {"volatility": [0.01, 0.3]}}, tmp_path / "out"
    ).results
    with ruled.connect() as connection:
        counts = connection.execute(
            "select count(*) as n from episodes group by condition order by n"
        ).fetchall()
    assert counts[0] < counts[1]
    assert (
        seeds_words(ruled) == f"n = {counts[0][0]} to {counts[1][0]} seeds per condition, by a stopping rule"
    )
