"""The memory layout: the settings of one condition and scene, and the state of one episode, as records.

The size is fixed, so that all conditions share one compiled engine. An episode that needs more is run by
the SimPy engine.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from plandrift.sim.companions.array_scene import HARMFUL as _HARMFUL
from plandrift.sim.companions.array_scene import NONE as _NONE
from plandrift.sim.companions.array_scene import REJECTED as _REJECTED
from plandrift.sim.companions.array_scene import VOID as _VOID
from plandrift.sim.measure.causes import CAUSES as _CAUSES
from plandrift.sim.measure.causes import MAST as _MAST
from plandrift.sim.settings.distribution import MEASURED
from plandrift.sim.settings.exogenous import BLOCK as _BLOCK

JOBS, NEEDS, FLUENTS = 60, 8, 320
"""The most jobs of an array scene, needs of a job, and fluents. A mask of steps and goals is one number."""
NODES = JOBS + 1

WAITING, MESSAGES, READINGS, PLANS = 4096, 4096, 262_144, 64
"""The most scheduled events, messages in transit, their readings, and plans made or handed over."""
STEPS, LEFT, KNOWN, CHANGES = 4096, 65_536, 1024, _BLOCK
"""The most steps fired that are kept, times at which a fluent ceased to hold a value, calls that failed or
lost their answer, and exogenous changes in a block."""

NONE = _NONE
"""No place, no value, no number."""

(SLIP, LOST_ACK, SILENT, SIDE, ERROR, HANDOFF, DECLARES, LOSS) = range(8)
"""The streams of uniform numbers on [0, 1)."""
(LATENCY, THINK, DURATION, ACTION, PREPARE, READ, TIMEOUT, DELAY) = range(8, 16)
"""The streams of times; a constant time has no stream."""
SCENE_DRAWN, SPREAD, EXOGENOUS, MARKS = range(16, 20)
"""The streams of the scene, of its fluents' rates, of its changes, and the marks in the last one."""
STREAMS = 20
CAUSES, CODES = len(_CAUSES), len(_MAST)
SEEN = 5 << 12
"""The number of possible values of a step's evidence."""

VOID, REJECTED, HARMFUL = _VOID, _REJECTED, _HARMFUL
EFFECTIVE, REPEAT, REFUSED = range(3, 6)
"""The outcomes of a call."""
OK, ERRED, TURNED, SILENCE = range(4)
"""What is reported: ok, error, refused, nothing."""
KEEP, REPLAN, GIVE_UP, FIRE, WARN, IF_MATCH, BLOCK, LOOK, GO_ON, VERIFY, REFRESH, RETRY = range(12)
"""The answers of a policy."""
OTHER, OWN, BESIDES = range(3)
"""The author of a write: somebody else, the agent as planned, or a side effect of the agent's call."""
OWN_VOID, SIDE_EFFECT, DONE_ALREADY, DONE_BY_OTHER = range(1, 5)
"""The reasons for which a call fails; 0 for none of these."""
WORKED = -2
"""Stands for the last change of what a call left undone, if it left nothing undone."""
RUNNING, DONE, GAVE_UP, HORIZON, FULL = range(5)
"""How an episode ends; `FULL`: the memory was too small."""
FINISH, RESTART, REPLACE = range(3)
"""What a request does to thinking in progress."""
(NEVER, OBSERVATION, TOUCHED, BROKEN, BETTER, NEW, EVERY) = range(7)
"""The triggers."""
PUSH, POLL, ON_ACTION, TOLD, READ_BY, HANDOVER = range(6)
"""How news arrives; `TOLD`: by an acknowledgment."""
CHANGE, END, ARRIVE, OVERTAKE, POLLED, AWAKE, HANDED, QUIET, RESUME, FIRST = range(10)
"""The kinds of events."""


def _compact(fields: list[Any]) -> np.dtype[Any]:
    """Return a record with its small fields first: what is used at each event then fits into few pages."""
    return np.dtype(sorted(fields, key=lambda field: np.dtype([field]).itemsize), align=True)


SCENE = _compact(
    [
        *[(name, "i8") for name in ("fluents", "jobs", "sibling_next", "sibling_values", "sides")],
        *[(name, "i8") for name in ("drawn", "changing", "link_need")],
        *[(name, "f8") for name in ("linked", "spread", "rate", "whole")],
        *[(name, "i8", (FLUENTS,)) for name in ("drawn_fluent", "drawn_values", "moving")],
        *[(name, "f8", (FLUENTS,)) for name in ("weights", "shares", "edges")],
        *[(name, "i8", (FLUENTS,)) for name in ("first", "wanted", "writer")],
        ("rule", "i8", (FLUENTS, 3)),
        ("side", "i8", (FLUENTS, 2)),
        ("users", "i8", (FLUENTS + 1,)),
        ("used", "i8", (FLUENTS,)),
        ("user_job", "i8", (JOBS * NEEDS,)),
        ("user_need", "i8", (JOBS * NEEDS,)),
        *[(name, "i8", (JOBS,)) for name in ("writes", "done", "needs")],
        *[(name, "i8", (JOBS, NEEDS)) for name in ("fluent", "fixed", "nature", "lossy", "source")],
    ]
)
"""An array scene, with the needs of each fluent, and the job that writes each need.

Its first values, its links and the shares of its rates are drawn for each seed.
"""

RULES = _compact(
    [
        *[(name, "f8") for name in ("horizon", "poll_every", "silence", "fidelity", "declares", "loss")],
        *[(name, "f8") for name in ("slip", "lost_ack", "silent", "side", "error")],
        *[(name, "f8") for name in ("min_interval", "debounce", "backoff", "thinking_share")],
        *[(name, "i8") for name in ("sampling", "scoped", "summary", "blocking", "interrupted")],
        *[(name, "i8") for name in ("trigger", "every", "listens", "drift", "reconcile", "verify")],
        *[(name, "i8") for name in ("idempotent", "fresh", "by_version", "warns", "prepared")],
        *[(name, "i8") for name in ("if_match", "match_version", "heeds_errors")],
        *[(name, "i8") for name in ("max_replans", "max_failures", "goes_on")],
        ("form", "i8", (STREAMS,)),
        *[(name, "f8", (STREAMS,)) for name in ("first", "second")],
        ("watched", "i8", (FLUENTS,)),
        ("visible", "i8", (FLUENTS,)),
    ]
)
"""The settings of a condition; for each time its form, as in `streams.FORMS`, and what this takes."""

STATE = _compact(
    [
        # The clock.
        *[(name, "f8") for name in ("now", "change_due", "arrival_due")],
        *[
            (name, "i8")
            for name in (
                "change_order",
                "arrival_order",
                "number",
                "waiting",
                "events",
                "ended",
                "next_change",
            )
        ],
        *[(name, "f8", (WAITING,)) for name in ("due",)],
        *[(name, "i8", (WAITING,)) for name in ("rank", "order", "what", "which")],
        ("moved", "i8", (FLUENTS,)),
        # The random streams, and the gaps of the current block of changes, added up.
        ("seed", "u8"),
        *[(name, "u8", (STREAMS,)) for name in ("high", "low", "more_high", "more_low")],
        *[(name, "i8", (STREAMS,)) for name in ("half", "opened")],
        *[(name, "u8", (size,)) for name, size in (("pool", 4), ("words", 8))],
        *[(name, "f8") for name in ("change_rate", "block_begun")],
        ("gaps", "f8", (CHANGES,)),
        ("times", "f8", (8 * MEASURED,)),
        # Truth (0) and belief (1).
        *[(name, "i8", (2, FLUENTS)) for name in ("value", "version")],
        ("stamp", "f8", (FLUENTS,)),
        ("unmet", "i8", (2,)),
        *[(name, "i8") for name in ("learned", "histories")],
        ("latest", "f8"),
        *[(name, "i8", (FLUENTS,)) for name in ("moved_by", "undone", "left_last")],
        ("left_before", "i8", (LEFT,)),
        ("left_value", "i8", (LEFT,)),
        ("left_time", "f8", (LEFT,)),
        # Messages in transit, and their queue if none may overtake another.
        *[(name, "i8") for name in ("free", "queue_first", "queued", "next_message")],
        ("taken", "f8", (MESSAGES,)),
        ("arrives", "f8", (MESSAGES,)),
        *[(name, "i8", (MESSAGES,)) for name in ("by", "own", "size", "next_free", "queue")],
        *[(name, "i8", (READINGS,)) for name in ("read_fluent", "read_value", "read_version")],
        ("news", "i8", (FLUENTS,)),
        ("news_count", "i8"),
        ("inbox", "i8", (4,)),
        *[(name, "i8") for name in ("inbox_size", "asking", "going")],
        # Plans.
        ("length", "i8", (PLANS,)),
        ("plan_number", "i8", (PLANS,)),
        ("basis_learned", "i8", (PLANS,)),
        ("basis_taken", "f8", (PLANS,)),
        ("wrong", "i8", (PLANS,)),
        ("plan_used", "i8", (PLANS,)),
        ("job", "i8", (PLANS, JOBS)),
        ("place_of", "i8", (PLANS, JOBS)),
        ("reads", "i8", (PLANS, JOBS, NEEDS)),
        ("basis_version", "i8", (PLANS, FLUENTS)),
        *[(name, "i8") for name in ("hand", "serial", "informed", "thought", "travelling", "pending")],
        *[(name, "i8") for name in ("numbers", "fired_of_plan", "in_flight", "under_way", "shown_at")],
        *[(name, "f8") for name in ("thought_begun", "thought_span", "thought_until", "rings", "fired_at")],
        ("alarm", "i8"),
        *[(name, "i8") for name in ("landed", "wrote_fluent", "wrote_version", "written_steps", "linked")],
        ("handed", "i8", (JOBS, NEEDS)),
        ("declared_version", "i8", (NEEDS,)),
        ("links", "i8", (JOBS,)),
        ("closure", "i8", (JOBS,)),
        # Stale sets, against the truth (0) and the belief (1).
        *[(name, "i8", (2,)) for name in ("unfired", "unlanded", "direct", "stale", "rewritten")],
        *[(name, "i8", (2, FLUENTS)) for name in ("active", "violated", "written", "settled_version")],
        ("settled", "f8", (2, FLUENTS)),
        ("opposed", "i8", (2,)),
        ("against", "i8", (2, NODES)),
        *[(name, "i8", (FLUENTS,)) for name in ("kernel", "in_kernel")],
        ("kernel_size", "i8"),
        # Meters.
        *[(name, "f8") for name in ("meter_last", "meter_taken", "held", "age")],
        *[(name, "f8") for name in ("age_last", "age_area", "age_time")],
        *[(name, "f8") for name in ("s_plan", "s_direct", "s_perceived", "s_blind", "s_version", "s_valid")],
        *[(name, "i8") for name in ("s_left", "measured")],
        ("areas", "f8", (6,)),
        *[(name, "i8") for name in ("plans", "in_a_row", "storms", "distances")],
        *[(name, "f8", (2,)) for name in ("distance", "stale_sum")],
        *[(name, "i8") for name in ("blocks", "mismatches_blocked", "false_blocks", "verified", "read")],
        *[(name, "i8") for name in ("exogenous", "side_effects")],
        # What the agent counts.
        *[(name, "i8") for name in ("requested", "unfired_requests", "debounced", "waits", "holds", "quit")],
        *[(name, "f8") for name in ("last_request", "thinking")],
        ("unasked", "i8", (FLUENTS,)),
        ("unasked_any", "i8"),
        *[(name, "i8", (KNOWN,)) for name in ("done_change", "done_job")],
        ("done_count", "i8"),
        *[(name, "i8", (KNOWN,)) for name in ("failed_job", "failed_times", "lost_job")],
        *[(name, "i8", (KNOWN, NEEDS)) for name in ("failed_reads", "lost_reads")],
        *[(name, "i8") for name in ("failed_count", "lost_count")],
        ("attempts", "i8", (JOBS,)),
        # The executor: its state, what it has in hand, and the fate of its call.
        *[(name, "i8") for name in ("where", "then", "asleep", "at_serial", "at_place", "verdict", "skip")],
        *[
            (name, "i8")
            for name in ("bound_job", "slipped", "before", "message", "withheld_times", "reported")
        ],
        *[
            (name, "i8")
            for name in ("has_attempt", "outcome", "was_silent", "checked", "failing_for", "reaction")
        ],
        *[(name, "f8") for name in ("read_at", "trip", "after", "withheld_at", "withheld_now", "fired_now")],
        *[(name, "f8") for name in ("duration", "landed_at")],
        *[(name, "i8", (NEEDS,)) for name in ("step_reads", "call_reads")],
        *[(name, "i8") for name in ("violated_mask", "believed_broken", "declared", "not_done")],
        # The steps fired: sums over all, and the last one, or all if they are kept.
        *[(name, "i8") for name in ("count", "row", "kept", "misfires", "first_attempts", "first_misfires")],
        *[(name, "i8") for name in ("harm", "repeats", "refused", "mismatches", "undetected", "after_goals")],
        ("caused", "i8", (CAUSES,)),
        ("coded", "i8", (CODES,)),
        *[(name, "i8", (SEEN,)) for name in ("cause_of", "codes_of")],
        *[(name, "f8", (STEPS,)) for name in ("r_time", "r_age", "r_staleness", "r_direct", "r_perceived")],
        *[(name, "f8", (STEPS,)) for name in ("r_blind", "r_version", "r_landed")],
        *[(name, "i8", (STEPS,)) for name in ("r_place", "r_job", "r_plan", "r_attempt", "r_stale")],
        *[(name, "i8", (STEPS,)) for name in ("r_rewritten", "r_violated", "r_shown", "r_verdict")],
        *[
            (name, "i8", (STEPS,))
            for name in ("r_declared", "r_outcome", "r_reported", "r_misfire", "r_silent")
        ],
        *[(name, "i8", (STEPS,)) for name in ("r_checked", "r_after_goals", "r_evidence", "r_mismatch")],
        *[(name, "i8", (STEPS, NEEDS)) for name in ("r_call", "r_planned")],
        ("r_since", "f8", (STEPS, NEEDS)),
    ]
)
"""One running episode. Fields that are not set at its beginning are never read before they are written."""
