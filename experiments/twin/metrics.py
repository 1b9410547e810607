"""The figures of episodes run by the twin: `sim.measure.metrics` as rows of an array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plandrift.sim.measure.causes import CAUSES, MAST
from plandrift.sim.measure.metrics import COUNTS, CREW, METRICS, Metrics, column

FIGURES = np.dtype(
    [
        *[
            (name, "f8")
            for name in (
                *("plan_staleness", "plan_validity", "staleness_before_fire", "direct_staleness"),
                *("perceived_staleness", "blind_staleness", "version_staleness", "plan_age", "belief_age"),
                *("misfire_rate", "first_misfire_rate", "thinking_time", "goals_met", "duration", "score"),
                *("score_reachable", "effectiveness", "thinking_share", "opportunity_staleness"),
                *("plan_ratio", "plan_distance"),
            )
        ],
        *[
            (name, "i8")
            for name in (
                *(
                    "steps_fired",
                    "misfires",
                    "first_misfires",
                    "first_attempts",
                    "harm",
                    "repeats",
                    "refused",
                ),
                *("false_blocks", "blocks", "replans", "success", "false_completion", "mismatches"),
                *("mismatches_fired", "mismatches_blocked", "verified", "reads"),
                *("undetected_silent_successes", "gave_up", "cut_off", "storms", "expansions"),
                *("exogenous_changes", "side_effects", "standstill"),
            )
        ],
        ("causes", "i8", (len(CAUSES),)),
        ("codes", "i8", (len(MAST),)),
        ("ended", "i8"),
    ]
)
"""One episode: its figures, its failures by cause and by MAST code, and how it ended."""

_PLACES = {f"cause_{cause}": ("causes", i) for i, cause in enumerate(CAUSES)}
_PLACES |= {column(code): ("codes", i) for i, code in enumerate(MAST)}

EMPTY = tuple([name for name in METRICS if name not in {*(FIGURES.names or ()), *_PLACES, *CREW}])
"""The figures that it leaves empty, and that only the SimPy engine has."""


def columns(rows: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Return the figures of many episodes by name: NaN for those that the twin lacks."""
    found: dict[str, NDArray[Any]] = {}
    for name in METRICS:
        if name in _PLACES:
            field, place = _PLACES[name]
            found[name] = rows[field][:, place].copy()
        elif name in CREW or name in EMPTY:
            found[name] = np.full(len(rows), np.nan)
        else:
            found[name] = rows[name].copy()
    return found


def metrics(row: dict[str, Any]) -> Metrics:
    """Return the metrics of one episode from its row."""
    causes = {cause: row[f"cause_{cause}"] for cause in CAUSES if row[f"cause_{cause}"]}
    mast = {code: row[column(code)] for code in MAST if row[column(code)]}
    return Metrics(
        **{name: value for name, value in row.items() if name not in _PLACES}, causes=causes, mast=mast
    )


assert all(
    (FIGURES[name].kind == "i") == (name in COUNTS) for name in METRICS if name in (FIGURES.names or ())
)
