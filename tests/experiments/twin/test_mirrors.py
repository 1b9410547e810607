"""What the compiled engine mirrors: who changes a file on the right changes the one on the left."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[3]
MIRRORS = {
    "agent_state": ("sim/engine/agent_state", "sim/engine/handoff_process"),
    "array_scene": ("sim/companions/array_scene",),
    "assembled": ("policies/assembled",),
    "attempt": ("sim/measure/attempt",),
    "blame": ("sim/measure/blame",),
    "causes": ("sim/measure/causes",),
    "channel_process": ("sim/engine/channel_process",),
    "clock": ("sim/terms/clock",),
    "environment": ("sim/engine/environment",),
    "executor": ("sim/engine/executor",),
    "exogenous": ("sim/settings/exogenous",),
    "fluents": ("sim/terms/fluents",),
    "meter": ("sim/measure/meter",),
    "metrics": ("sim/measure/metrics",),
    "planner": ("sim/engine/planner",),
    "records": ("sim/measure/records",),
    "stage": ("sim/engine/stage",),
    "staleness": ("sim/terms/staleness",),
    "streams": ("sim/terms/streams", "sim/settings/distribution"),
    "tracked_plan": ("sim/measure/tracked_plan", "sim/measure/plan_history"),
}
OWN = {"__init__", "compiled", "coverage", "engine", "layout", "loading", "memory", "twin"}
"""Files of the compiled engine that mirror no file of `sim`."""


def test_each_file_mirrors_what_is_there() -> None:
    assert {path.stem for path in (ROOT / "experiments/twin").glob("*.py")} == {*MIRRORS, *OWN}
    for name, mirrored in MIRRORS.items():
        assert name == Path(mirrored[0]).name
        for path in mirrored:
            assert (ROOT / f"{path}.py").is_file(), f"experiments/twin/{name}.py mirrors {path}.py"
