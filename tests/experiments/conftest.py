"""Sweeps that the tests of several rooms look at, each run once."""

from __future__ import annotations

from typing import Any

import pytest

from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import sweep

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


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return sweep(SPEC, tmp_path_factory.mktemp("swept") / "out", steps=True).results


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return sweep(PARTS, tmp_path_factory.mktemp("swept") / "parts").results


@pytest.fixture(scope="session")
def theory(tmp_path_factory: pytest.TempPathFactory) -> Results:
    grid = SPEC["grid"] | {"channel.latency": [2.0]}
    return sweep(SPEC | {"grid": grid, "seeds": 60}, tmp_path_factory.mktemp("swept") / "theory").results
