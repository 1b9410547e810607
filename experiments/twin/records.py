"""The step records of an episode run by the twin: `sim.measure.records` from its numbers."""

from __future__ import annotations

from typing import Any

from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.causes import OUTCOMES, failure
from plandrift.sim import ArrayScene, StepRecord

VERDICTS = {at.FIRE: "fire", at.WARN: "warn", at.IF_MATCH: "if-match"}
REPORTED: dict[int, Any] = {at.OK: "ok", at.ERRED: "error", at.TURNED: "refused", at.SILENCE: None}


def records(state: Any, scene: Any, table: ArrayScene) -> tuple[StepRecord, ...]:
    """Return one record for each fired step whose call reached the world."""
    row = {name: state[name][0] for name in state.dtype.names if name.startswith("r_")}
    return tuple([_record(row, i, scene["fluent"][0].tolist(), table) for i in range(int(state["row"][0]))])


def _record(row: dict[str, Any], i: int, needs: list[list[int]], table: ArrayScene) -> StepRecord:
    job = int(row["r_job"][i])
    names = [table.fluents[fluent] for fluent in needs[job] if fluent != at.NONE]

    def named(mask: int) -> list[int]:
        return [j for j in range(len(names)) if mask >> j & 1]

    checked = int(row["r_checked"][i])
    return StepRecord(
        time=float(row["r_time"][i]),
        step=int(row["r_place"][i]),
        call=table.call(job, row["r_call"][i, : len(names)].tolist()),
        planned=table.call(job, row["r_planned"][i, : len(names)].tolist()),
        plan=int(row["r_plan"][i]),
        attempt=int(row["r_attempt"][i]),
        plan_age=float(row["r_age"][i]),
        staleness=float(row["r_staleness"][i]),
        direct=float(row["r_direct"][i]),
        perceived=float(row["r_perceived"][i]),
        blind=float(row["r_blind"][i]),
        version=float(row["r_version"][i]),
        stale=bool(row["r_stale"][i]),
        rewritten=bool(row["r_rewritten"][i]),
        violated=tuple([(names[j], float(row["r_since"][i, j])) for j in named(int(row["r_violated"][i]))]),
        shown=tuple([names[j] for j in named(int(row["r_shown"][i]))]),
        verdict=VERDICTS[int(row["r_verdict"][i])],
        declared=tuple([names[j] for j in named(int(row["r_declared"][i]))]),
        landed=float(row["r_landed"][i]),
        outcome=OUTCOMES[int(row["r_outcome"][i])],  # type: ignore[arg-type]
        reported=REPORTED[int(row["r_reported"][i])],
        misfire=bool(row["r_misfire"][i]),
        silent=bool(row["r_silent"][i]),
        verified=None if checked == at.NONE else bool(checked),
        after_goals=bool(row["r_after_goals"][i]),
        failure=failure(int(row["r_evidence"][i])),
    )
