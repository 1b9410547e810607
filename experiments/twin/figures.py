"""The figures of an episode that the twin has run: the same `Metrics` and records that the engine gives."""

from __future__ import annotations

from typing import Any

import numpy as np

from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.failures import CODES, OUTCOMES, failure
from plandrift.sim import ArrayScene, StepRecord
from plandrift.sim.measure.causes import CAUSES
from plandrift.sim.measure.metrics import counted

NAN = float("nan")
ENDS = {at.DONE: "done", at.GAVE_UP: "gave-up", at.HORIZON: "horizon"}
VERDICTS = {at.FIRE: "fire", at.WARN: "warn", at.IF_MATCH: "if-match"}
REPORTED: dict[int, Any] = {at.OK: "ok", at.ERRED: "error", at.TURNED: "refused", at.SILENCE: None}


def row(values: dict[str, Any]) -> dict[str, Any]:
    """What `Metrics.row` gives of these figures, without making it first."""
    flat = values | counted(values["causes"], values["mast"])
    del flat["causes"], flat["mast"]
    return flat


def figures(state: Any, out: list[float], goals: int) -> dict[str, Any]:
    """The figures by name, from the sums that `stage.sums` gives (in its order).

    Args:
        state: the episode.
        out: the sums.
        goals: how many there are.
    """
    whole = [int(value) for value in out[:21]]
    (fired, misfires, first_misfires, first, harm, repeats, refused, mismatches, undetected, after) = whole[
        :10
    ]
    (false_blocks, blocks, blocked, verified, reads, exogenous, side_effects, storms) = whole[10:18]
    plans, unmet, ended = whole[18:21]
    duration, thinking, held, age, age_area, age_time = out[21:27]
    plan, direct, perceived, blind, version, valid = [area / held if held else NAN for area in out[27:33]]
    staleness = state["r_staleness"][0, :fired].tolist()
    distances = state["distance"][0, : int(state["distances"][0])].tolist()
    met = float(goals - unmet)
    false = ended == at.DONE and unmet > 0
    causes = {cause: int(out[40 + i]) for i, cause in enumerate(CAUSES) if out[40 + i]}
    if ended == at.GAVE_UP:
        causes["given_up"] = 1
    codes = {code: int(out[50 + i]) for i, code in enumerate(CODES) if out[50 + i]}
    if after:
        codes["FM-1.5"] = codes.get("FM-1.5", 0) + after
    if false:
        codes["FM-3.1"] = codes.get("FM-3.1", 0) + 1
    return {
        "plan_staleness": plan,
        "plan_validity": valid,
        # As the engine adds them up: Python's own sum is another one from 3.12 on.
        "staleness_before_fire": sum(staleness) / fired if fired else NAN,
        "direct_staleness": direct,
        "perceived_staleness": perceived,
        "blind_staleness": blind,
        "version_staleness": version,
        "plan_age": age / held if held else NAN,
        "belief_age": age_area / age_time if age_time else NAN,
        "steps_fired": fired,
        "misfires": misfires,
        "first_misfires": first_misfires,
        "misfire_rate": misfires / fired if fired else NAN,
        "first_attempts": first,
        "first_misfire_rate": first_misfires / first if first else NAN,
        "harm": harm,
        "repeats": repeats,
        "refused": refused,
        "false_blocks": false_blocks,
        "blocks": blocks,
        "replans": max(0, plans - 1),
        "thinking_time": thinking,
        "goals_met": 1 - unmet / goals,
        "success": int(not unmet),
        "false_completion": int(false),
        "duration": duration,
        "score": met,
        "score_reachable": float(goals),
        "effectiveness": met / float(goals),
        "mismatches": mismatches + blocked,
        "mismatches_fired": mismatches,
        "mismatches_blocked": blocked,
        "verified": verified,
        "reads": reads,
        "undetected_silent_successes": undetected,
        "gave_up": int(ended == at.GAVE_UP),
        "thinking_share": thinking / duration if duration else 0.0,
        "storms": storms,
        "opportunity_staleness": NAN,
        "plan_ratio": NAN,
        "plan_distance": sum(distances) / len(distances) if distances else NAN,
        "expansions": 0,
        "exogenous_changes": exogenous,
        "side_effects": side_effects,
        "standstill": 0,
        "causes": causes,
        "mast": codes,
    }


def records(state: Any, table: ArrayScene) -> tuple[StepRecord, ...]:
    """One record for each step fired whose call reached the world."""
    row = {name: state[name][0] for name in state.dtype.names if name.startswith("r_")}
    return tuple([_record(row, i, table) for i in range(int(state["count"][0]))])


def _record(row: dict[str, Any], i: int, table: ArrayScene) -> StepRecord:
    job = int(row["r_job"][i])
    names = [table.fluents[fluent] for fluent in table.needs[job].tolist() if fluent != at.NONE]

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


_NOTHING = np.zeros(1, dtype=[("r_staleness", "f8", (1,)), ("distance", "f8", (1,)), ("distances", "i8")])

KNOWN = frozenset(figures(_NOTHING, [0.0] * 64, 1))
"""The figures that the twin has."""
