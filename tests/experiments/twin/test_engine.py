"""The compiled engine in sweeps: what it runs, that its rows are the same, what it leaves empty."""

from __future__ import annotations

import json
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plandrift.experiments.sweeps import engines
from plandrift.experiments.sweeps.condition import condition
from plandrift.experiments.sweeps.engines import chosen
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import sweep
from plandrift.experiments.twin import engine as compiled
from plandrift.sim import SettingError
from tests.command import apart, plandrift, refusal
from tests.experiments.sweeps.test_run import rows

pytestmark = pytest.mark.long

SPEC = """\
world = "records"
seeds = 12
regret = true
[fixed]
horizon = 40
"channel.latency" = 0.5
"agent.slip" = 0.1
[grid]
policy = ["plan-once", "if-match", "periodic(2)"]
volatility = [0.05, 0.3]
"""


@pytest.mark.slow
def test_rows_and_steps_are_the_same_from_both(tmp_path: Path) -> None:
    """Through the command line, in processes of their own."""
    (tmp_path / "spec.toml").write_text(SPEC)
    for engine in ("simpy", "compiled"):
        apart("sweep", "spec.toml", "--out", engine, "--engine", engine, "--steps", cwd=tmp_path)
    one, other = (rows(tmp_path / engine) for engine in ("simpy", "compiled"))
    assert one == other
    assert len(one) == 72
    kept = [_steps(tmp_path / engine) for engine in ("simpy", "compiled")]
    assert kept[0] == kept[1]
    assert len(kept[0]) > 400
    said = json.loads((tmp_path / "compiled" / "manifest.json").read_text())["engines"]
    assert set(said.values()) == {"compiled"}
    assert len(said) == 6


def _steps(folder: Path) -> list[tuple[object, ...]]:
    with Results(folder).connect() as connection:
        return connection.execute("select * from steps order by all").fetchall()


def test_auto_takes_the_compiled_one_for_long_sweeps_and_says_why_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("numba")
    fine, own = condition("records", "gated"), condition("tickets", "gated")
    wide = condition("telegraph", "gated", {"world.requires": 8, "world.steps": 3})
    assert set(chosen([fine], "auto", engines.MANY - 1).values()) == {"simpy: fewer than 2000 episodes"}
    assert chosen([fine, own, wide], "auto", engines.MANY) == {
        fine.id: "compiled",
        own.id: "simpy: its world is not a table",
        wide.id: "simpy: 9 needs of a step: the compiled engine takes 8",
    }
    assert chosen([fine], "simpy", 10**6) == {fine.id: "simpy: as asked"}
    monkeypatch.setattr(compiled, "find_spec", lambda _: None)
    assert str(engines.episode(fine, 3, "compiled").metrics) == str(fine.run(3).metrics)
    assert chosen([fine], "auto", 10**6) == {fine.id: "simpy: numba is not installed"}
    monkeypatch.setattr(engines, "FASTER", {})
    assert chosen([fine], "auto", 10**6) == {fine.id: "simpy: there is no other"}


def test_what_the_compiled_one_cannot_run_is_refused_where_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "spec.toml").write_text(SPEC.replace('"records"', '"tickets"'))
    words = ("sweep", "spec.toml", "--out", "out", "--engine")
    said = refusal(*words, "compiled", cwd=tmp_path)
    assert "--engine compiled: tickets under plan-once: its world is not a table: give --engine auto" in said
    assert "--engine fast: give auto, simpy, compiled" in refusal(*words, "fast", cwd=tmp_path)
    monkeypatch.setattr(compiled, "find_spec", lambda _: None)
    assert "numba is not installed: pip install 'plandrift[fast]'" in refusal(
        *words, "compiled", cwd=tmp_path
    )
    assert not (tmp_path / "out").exists()


def test_a_sweep_goes_on_with_the_other_engine(tmp_path: Path) -> None:
    spec = {"world": "telegraph", "seeds": 3, "grid": {"policy": ["gated"], "volatility": [0.1, 0.5]}}
    whole = sweep(spec, tmp_path / "whole", engine="simpy").results
    sweep(spec, tmp_path / "two", engine="compiled")
    more = sweep(spec | {"seeds": 6}, tmp_path / "two", extend=True, engine="simpy").results
    sweep(spec | {"seeds": 6}, whole.folder, extend=True, engine="compiled")
    assert rows(more.folder) == rows(whole.folder)
    assert len(rows(whole.folder)) == 12


def test_a_first_use_says_that_it_takes_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("plandrift.experiments.twin.twin.kept", lambda: False)
    engines.make_ready(["compiled"], said.append)
    assert said == ["compiling the fast engine, once: it takes less than a minute"]
    engines.make_ready(["simpy: as asked"], said.append)
    assert len(said) == 1


def _empty(results: Results, metric: str) -> int:
    """The rows that have no value of a metric; DuckDB keeps a NaN as a null."""
    with results.connect() as connection:
        found = connection.execute(f"select {metric}::double from episodes").fetchall()
    return sum(value is None or math.isnan(value) for (value,) in found)


def test_a_metric_that_it_has_not_is_left_empty_and_falls_back_where_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if `storms` had been added to `Metrics` and to nothing else."""
    monkeypatch.setattr("plandrift.experiments.twin.metrics.EMPTY", ("storms",))
    monkeypatch.setattr("plandrift.experiments.sweeps.run.processes", ThreadPoolExecutor)
    spec = {"world": "records", "seeds": 5, "grid": {"policy": ["plan-once", "gated"]}}
    ran = sweep(spec, tmp_path / "out", engine="compiled").results
    assert _empty(ran, "storms") == 10
    assert _empty(ran, "replans") == 0
    assert "plan-once" in plandrift("table", "out", "--metric", "replans", cwd=tmp_path).stdout
    line = (
        "--metric storms: the compiled engine, which ran the sweep, does not measure it: run the sweep "
        "with --engine "
        "simpy, into another --out"
    )
    for words in (("table", "out"), ("compare", "out", "--between", "policy=gated,plan-once")):
        assert line in refusal(*words, "--metric", "storms", cwd=tmp_path)
    # Whoever goes on with the other engine has rows of both.
    more = sweep(spec | {"seeds": 9}, tmp_path / "out", extend=True, engine="simpy").results
    assert (_empty(more, "storms"), len(rows(more.folder))) == (10, 18)
    assert line in refusal("table", "out", "--metric", "storms", cwd=tmp_path)

    asked = {"world": "records", "policy": "gated", "until": {"metric": "storms", "half_width": 1}}
    whole = sweep(asked | {"until": {**asked["until"], "at_most": 2000}}, tmp_path / "asked").results  # type: ignore[dict-item]
    assert set(whole.manifest.engines.values()) == {"simpy: the metric storms"}
    assert "storms" in plandrift("table", "asked", "--metric", "storms", cwd=tmp_path).stdout
    fine = condition("records", "gated")
    assert chosen([fine], "auto", engines.MANY, ["replans"]) == {fine.id: "compiled"}
    with pytest.raises(SettingError, match="records under gated: the metric storms: give --engine auto"):
        chosen([fine], "compiled", 1, ["storms"])
    monkeypatch.setattr("plandrift.experiments.twin.metrics.EMPTY", ("misfires",))
    assert chosen([fine], "auto", engines.MANY, ["misfire_rate"]) == {fine.id: "simpy: the metric misfires"}
    assert engines.fitting(fine, engines.MANY) == "compiled"


def test_what_is_registered_is_an_engine() -> None:
    found: engines.FasterEngine = compiled
    assert engines.FASTER["compiled"] == found.__name__  # type: ignore[attr-defined]
