"""Two folders are compared as two conditions of one folder are, and only where they meet the same world."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plandrift.experiments.analysis.contenders import compare_folders
from plandrift.experiments.analysis.tables import compare
from plandrift.experiments.statistics.rulings import Ruling
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import sweep


def swept(folder: Path, *policies: str) -> Results:
    spec: dict[str, Any] = {
        "title": folder.name,
        "world": "records",
        "seeds": 6,
        "grid": {"policy": list(policies)},
        "fixed": {"volatility": 0.05, "channel.latency": 1.0},
    }
    return sweep(spec, folder, workers=1).results


@pytest.mark.slow
def test_two_folders_are_as_two_conditions(tmp_path: Path) -> None:
    both = swept(tmp_path / "both", "plan-once", "gated")
    one, other = swept(tmp_path / "one", "plan-once"), swept(tmp_path / "other", "gated")
    for metric in ("misfire_rate", "harm", "plan_staleness", "success"):
        apart, together = compare_folders(one, other, metric), compare(both, "policy=plan-once,gated", metric)
        assert len(apart) == len(together) == 1
        for name in ("difference", "low", "high", "n"):
            assert apart[0][name] == together[0][name], (metric, name)
        assert apart[0]["verdict"] == Ruling(together[0]["verdict"], together[0]["why"]).words
        assert apart[0][metric] == together[0][f"{metric} at plan-once"]
        assert apart[0]["success / against"].count(" / ") == 1
