"""`plandrift data sql` reads a sweep's own rows, and nothing else."""

from __future__ import annotations

import resource
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from plandrift.experiments.sweeps.run import sweep
from tests.command import inside, refusal, start


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plandrift.experiments.sweeps.run.processes", ThreadPoolExecutor)
        grid = {"policy": ["gated", "plan-once"], "channel.latency": [0, 1]}
        raw: dict[str, Any] = {"world": "telegraph", "seeds": 3, "horizon": 20, "grid": grid}
        sweep(raw, folder / "out[1]'s", steps=True, workers=1)
    (folder / "secret.csv").write_text("a\n1\n")
    return folder


def ask(query: str, here: Path) -> str:
    said = inside("sql", "out[1]'s", query, "--format", "csv", cwd=here)
    assert said.code == 0, said
    return said.out


@pytest.mark.parametrize(
    "query",
    [
        "from 'secret.csv'",
        "select * from read_csv('secret.csv')",
        "select * from read_text('secret.csv')",
        "select * from glob('*')",
        "select * from 'http://127.0.0.1:1/x.parquet'",
        "copy episodes to 'x.csv'",
        "export database 'x'",
        "attach 'x.db'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "create table x (i int)",
        "drop table conditions",
        "delete from conditions",
        "select 1; copy episodes to 'x.csv'",
        "",
        ";",
    ],
)
def test_nothing_else_can_be_read_or_written(query: str, here: Path) -> None:
    before = sorted(here.rglob("*"))
    assert "secret.csv\n1" not in refusal("sql", "out[1]'s", query, cwd=here)
    assert sorted(here.rglob("*")) == before


def test_every_part_and_kind_of_value_can_be_asked_for(here: Path) -> None:
    assert ask("select count(*) n from episodes", here) == "n\n12\n"
    assert int(ask("select count(*) n from steps", here).split()[1]) > 12
    assert ask("select timestamptz '2020-01-01 02:00:00+02' t", here) == "t\n2020-01-01 00:00:00+00\n"
    assert ask("select 1 a, 2 a", here) == "a,a_2\n1,2\n"
    assert "[/b][bold]x" in ask("select '[/b][bold]x' v", here)
    assert ask("show tables", here).split() == ["name", "conditions", "episodes", "steps"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("select count(*) from range(100000000000)", "longer than 1 s"),
        ("with recursive t as (select 1 n union all select n + 1 from t) select n from t", "longer than 1 s"),
        ("select levenshtein(repeat('x', 100000), repeat('y', 200000))", "longer than 1 s"),
        ("select repeat('x', 2000000000)", "more than 2 GB"),
        ("select repeat('x', 100000) from range(1000000)", "more than 2 GB"),
        ("select list(range) from range(1000000000)", "more than 2 GB"),
    ],
)
def test_a_query_has_limits(query: str, says: str, here: Path) -> None:
    """What DuckDB cannot be interrupted in ends all the same, so each has a process of its own."""
    patience = 1 if "1 s" in says else 60
    began = time.monotonic()
    with start("data", "sql", "out[1]'s", query, "--patience", patience, cwd=here) as process:
        said = process.communicate()[1]
    assert process.returncode == 2
    assert says in said
    assert time.monotonic() - began < 30
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 3_000_000


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("select channel.latency from episodes", 'quote names that contain a dot: "channel.latency"'),
        ("from nowhere", "there are conditions, episodes, steps"),
        ("select misfire from episodes", "did you mean 'misfires'?"),
        ("select * from range(10000000)", "more than 1000000 rows"),
    ],
)
def test_a_wrong_question_says_what_is_right(query: str, says: str, here: Path) -> None:
    assert says in refusal("sql", "out[1]'s", query, cwd=here)
