"""Cells that a spreadsheet would take for a formula: safe in every CSV file, and read back as they were."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plandrift.experiments.cli.printing import print_rows
from plandrift.experiments.sweeps.run import sweep
from plandrift.worlds.logs.change_log import opened
from plandrift.worlds.logs.git_history import write_log
from plandrift.worlds.logs.safe_csv import read_back, safe_cell, safe_rows
from tests.command import plandrift

TEXTS = st.text(alphabet="=+-@\t\r'\"1.eE5ax\n", max_size=8)
FORMULAS = ["=cmd|' /C calc'!A0", "+1+2", "-2+3", "@SUM(A1)", "\t=1", "'=1"]


@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_both_ways_of_making_a_cell_safe_agree_and_reading_back_undoes_them(texts: list[str]) -> None:
    with duckdb.connect() as connection:
        connection.register("given", {"text": np.array(texts, dtype=object)})
        query = safe_rows(connection, "select text, 1 as number from given")
        safe = [row[0] for row in connection.execute(query).fetchall()]
        back = connection.execute(f"select {read_back('text')} from ({query})").fetchall()
    assert safe == [safe_cell(text) for text in texts]
    assert [row[0] for row in back] == texts


@pytest.mark.parametrize("text", FORMULAS)
def test_a_printed_cell_is_no_formula(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"policy": text, "low": -0.5, "words": "-0.5e3"}], "csv")
    (row,) = csv.DictReader(capsys.readouterr().out.splitlines(keepends=True))
    assert row == {"policy": f"'{text}", "low": "-0.5", "words": "-0.5e3"}


def test_a_change_log_in_csv_is_safe_and_says_what_its_twin_in_parquet_says(tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    with rows.open("w", newline="") as file:
        csv.writer(file).writerows(
            [("time", "fluent", "value", "set", "who"), *((i, f, f, i, f) for i, f in enumerate(FORMULAS))]
        )
    found = []
    for name in ("log.csv", "log.parquet"):
        write_log(rows, tmp_path / name)
        log = opened(str(tmp_path / name))
        found.append(log.connection.execute("select fluent, value, who from changes order by t").fetchall())
    assert found[0] == found[1] == [(text, text, text) for text in FORMULAS]
    with (tmp_path / "log.csv").open(newline="") as file:
        assert [row["who"] for row in csv.DictReader(file)] == [f"'{text}" for text in FORMULAS]


def test_an_exported_row_is_safe(tmp_path: Path) -> None:
    spec = {"world": "telegraph", "policy": "gated", "seeds": 2, "horizon": 9}
    sweep(spec | {"grid": {"channel.scope": ["*", "@nobody"]}}, tmp_path / "out")
    plandrift("export", "out", "--to", "rows.csv", cwd=tmp_path)
    with (tmp_path / "rows.csv").open(newline="") as file:
        assert {row["channel.scope"] for row in csv.DictReader(file)} == {"*", "'@nobody"}
