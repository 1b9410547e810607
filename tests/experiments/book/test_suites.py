"""The suites that come with plandrift: each is a question, and each runs."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from plandrift.experiments.book import suites
from plandrift.experiments.sweeps.combinations import conditions_of
from plandrift.experiments.sweeps.spec import read_spec
from plandrift.worlds import WORLDS
from tests.command import apart as plandrift

SUITES = [
    path
    for path in sorted(Path(suites.__path__[0]).glob("*.toml"))
    if read_spec(path)[0].world in (None, *WORLDS)
]


@pytest.mark.long
@pytest.mark.parametrize("path", SUITES, ids=lambda p: p.stem)
def test_a_suite_begins_with_its_question_and_reads(path: Path) -> None:
    comments = [line for line in path.read_text().splitlines() if line.startswith("#")]
    assert path.read_text().startswith("# ")
    assert "?" in " ".join(comments)
    spec, _ = read_spec(path)
    assert spec.title is not None
    assert spec.title.endswith("?")
    assert conditions_of(spec)


@pytest.mark.slow
@pytest.mark.parametrize("path", SUITES, ids=lambda p: p.stem)
def test_a_suite_runs_in_a_short_form(path: Path, tmp_path: Path) -> None:
    plandrift("sweep", str(path), "--out", "out", "--seeds", "3", cwd=tmp_path)
    with duckdb.connect() as db:
        row = db.execute(
            f"select count(*), count(distinct seed) from '{tmp_path}/out/episodes/*.parquet'"
        ).fetchone()
    assert row == (3 * len(conditions_of(read_spec(path)[0])), 3)
