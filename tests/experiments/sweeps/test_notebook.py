"""What a notebook shows of results, and results as a data frame."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from plandrift import PlandriftError, run
from plandrift.experiments.analysis.tables import table
from plandrift.experiments.sweeps.results import Results
from plandrift.policies import plan_once
from plandrift.worlds import Telegraph


def test_without_pandas_and_polars_a_line_says_what_to_install(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        "plandrift.experiments.sweeps.results.find_spec",
        lambda name: None if name in ("pandas", "polars") else real(name),
    )
    with pytest.raises(PlandriftError, match="pip install pandas"):
        results.df()


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_the_frame_has_a_row_an_episode(results: Results, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    pytest.importorskip(name)
    real = importlib.util.find_spec
    monkeypatch.setattr(
        "plandrift.experiments.sweeps.results.find_spec",
        lambda asked: None if asked == "pandas" != name else real(asked),
    )
    frame: Any = results.df()
    assert type(frame).__module__.startswith(name)
    assert frame.shape[0] == len(results.manifest.conditions) * 40
    assert {"policy", "volatility", "channel.latency", "seed", "plan_staleness"} <= set(frame.columns)


def test_a_notebook_shows_a_sweep_as_a_table(results: Results) -> None:
    page = results._repr_html_()
    assert "What does it take?" in page
    assert page.count("<tr>") == 1 + len(results.manifest.conditions)
    rows = table(results, ["policy", "volatility", "channel.latency"], ["plan_staleness"])
    assert all(f"<td>{row['mean']:.3f} [{row['low']:.3f}, {row['high']:.3f}]</td>" in page for row in rows)


def test_a_notebook_shows_an_episode_as_its_steps() -> None:
    episode = run(Telegraph(volatility=0.1), plan_once(), seed=3, horizon=50)
    page = episode._repr_html_()
    assert page.count("<tr>") == 1 + len(episode.steps)
    assert "Episode of Telegraph under plan-once, seed 3" in page
    for step in episode.steps:
        assert f"<td>{step.step + 1}</td><td>{step.time:g}</td>" in page
