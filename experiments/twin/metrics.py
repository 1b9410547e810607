"""The figures of an episode run by the twin: `sim.measure.metrics` from its sums."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.causes import CODES
from plandrift.sim.measure.causes import CAUSES
from plandrift.sim.measure.metrics import CREW, Metrics, counted

NAN = float("nan")
ENDS = {at.DONE: "done", at.GAVE_UP: "gave-up", at.HORIZON: "horizon"}


def row(values: dict[str, Any]) -> dict[str, Any]:
    """Return what `Metrics.row` would return for these figures, without making a `Metrics` first."""
    flat = values | counted(values["causes"], values["mast"])
    del flat["causes"], flat["mast"]
    return flat


def figures(state: Any, out: list[float], goals: int) -> dict[str, Any]:
    """Return all figures by name: those of `_measured`, and NaN for those that the twin lacks."""
    return _measured(state, out, goals) | dict.fromkeys((*CREW, *EMPTY), NAN)


def _measured(state: Any, out: list[float], goals: int) -> dict[str, Any]:
    """Return the figures by name, from the sums in the order of `stage.sums`.

    Args:
        state: the episode.
        out: the sums.
        goals: the number of goals.
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
    codes = {code: int(out[52 + i]) for i, code in enumerate(CODES) if out[52 + i]}
    if after:
        codes["FM-1.5"] = codes.get("FM-1.5", 0) + after
    if false:
        codes["FM-3.1"] = codes.get("FM-3.1", 0) + 1
    return {
        "plan_staleness": plan,
        "plan_validity": valid,
        # Added up as in the engine: Python's own sum rounds differently from 3.12 on.
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
        "cut_off": int(ended == at.HORIZON and goals > 0),
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


_NOTHING = np.zeros(1, dtype=[("r_staleness", "f8", (1,)), ("distance", "f8", (1,)), ("distances", "i8")])

KNOWN = frozenset(_measured(_NOTHING, [0.0] * 64, 1))
"""The figures that the twin has."""

EMPTY = tuple([field.name for field in fields(Metrics) if field.name not in {*KNOWN, *CREW}])
"""The figures that it leaves empty, and that only the SimPy engine has."""
