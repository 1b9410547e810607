"""A call from its fire to its answer, and what is kept of it: `sim.engine.attempt` in numbers."""

from __future__ import annotations

from typing import Any

from plandrift.experiments.twin import (
    agent_state,
    assembled,
    channel_process,
    environment,
    meter,
    tracked_plan,
)
from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.compiled import compiled
from plandrift.experiments.twin.streams import draw


@compiled
def fire(c: Any, r: Any, s: Any) -> None:
    """Send the call."""
    i, place = s.row, s.at_place
    if i >= at.STEPS - 1:
        s.ended = at.FULL
        return
    s.declared = 0
    s.outcome = at.EFFECTIVE
    names = c.needs[s.bound_job]
    if s.verdict == at.IF_MATCH and s.informed:
        for need in range(names):
            if r.declares >= 1 or draw(s, at.DECLARES) < r.declares:
                s.declared |= 1 << need
        if r.match_version:
            for need in range(names):
                # The required values are those that the agent knows as it fires.
                s.declared_version[need] = tracked_plan.expected(c, s, place, need)
    s.r_job[i], s.r_plan[i], s.r_place[i] = s.bound_job, s.plan_number[s.hand], place
    s.r_time[i], s.r_verdict[i], s.r_declared[i] = s.now, s.verdict, s.declared
    s.r_attempt[i] = s.attempts[s.bound_job] + 1
    retried = agent_state.known(s, s.lost_job, s.lost_reads, s.lost_count, s.bound_job) != at.NONE
    s.r_evidence[i] = int(retried) << 1 | (s.wrong[s.hand] >> place & 1)
    for need in range(at.NEEDS):
        s.r_call[i, need], s.r_planned[i, need] = s.call_reads[need], s.step_reads[need]
    s.r_mismatch[i] = assembled.mismatch(s)
    tracked_plan.fired(c, r, s, place)
    s.unfired_requests = 0
    s.has_attempt, s.checked, s.reported = 1, at.NONE, at.SILENCE
    s.fired_now = s.now


@compiled
def land(c: Any, r: Any, s: Any) -> None:
    """Let the call reach the world."""
    silent = bool(r.silent) and draw(s, at.SILENT) < r.silent
    job = s.bound_job
    refused = 0
    for need in range(c.needs[job]):
        if s.declared >> need & 1:
            fluent = c.fluent[job, need]
            if r.match_version:
                wrong = s.version[0, fluent] != s.declared_version[need]
            else:
                wrong = s.value[0, fluent] != s.step_reads[need]
            refused |= int(wrong) << need
    s.landed_at = s.now
    environment.answer(c, r, s, silent, refused)
    s.was_silent = int(silent and not refused)
    s.wrote_version = s.version[0, c.writes[job]]
    s.has_attempt = 2
    if r.side:
        happens, mark = draw(s, at.SIDE), draw(s, at.SIDE)
        if s.outcome == at.EFFECTIVE and happens < r.side:
            environment.side_effect(c, r, s, mark)
    if s.outcome in (at.EFFECTIVE, at.REPEAT):
        s.attempts[job] = 0
    else:
        s.attempts[job] += 1


@compiled
def hear_back(c: Any, r: Any, s: Any, lost: bool) -> None:
    """Handle the acknowledgment, or its timeout."""
    if lost:
        if s.lost_count >= at.KNOWN:
            s.ended = at.FULL
            return
        s.lost_job[s.lost_count] = s.bound_job
        for need in range(at.NEEDS):
            s.lost_reads[s.lost_count, need] = s.step_reads[need]
        s.lost_count += 1
    elif s.outcome == at.REFUSED:
        s.reported = at.TURNED
    else:
        s.reported = at.ERRED if s.outcome == at.REJECTED else at.OK
    agent_state.acknowledged(c, r, s, s.reported, s.wrote_version)
    if not lost:
        channel_process.acted(c, r, s)


@compiled
def record(s: Any) -> None:
    """Store the outcome of the call in the last row of the steps, and add it to the sums."""
    i = s.row
    s.r_landed[i], s.r_outcome[i], s.r_reported[i] = s.landed_at, s.outcome, s.reported
    s.r_misfire[i] = s.violated_mask != 0 and s.outcome != at.REFUSED
    s.r_silent[i], s.r_checked[i] = s.was_silent, s.checked
    shown = s.violated_mask & s.believed_broken != 0
    seen = s.r_evidence[i] | int(shown) << 2 | int(s.was_silent) << 3
    seen |= int(s.slipped) << 4 | int(s.r_mismatch[i] and not s.slipped) << 5
    seen |= s.outcome << 6 | (s.checked + 1) << 9 | int(s.r_mismatch[i]) << 11
    seen |= s.failing_for << 12
    s.r_evidence[i] = seen
    misfire, first = s.r_misfire[i], s.r_attempt[i] == 1
    s.count += 1
    s.row += s.kept
    s.has_attempt = 0
    meter.add(s.stale_sum, s.r_staleness[i])
    s.misfires += misfire
    s.first_attempts += first
    s.first_misfires += misfire and first
    s.harm += s.outcome == at.HARMFUL
    s.repeats += s.outcome == at.REPEAT
    s.refused += s.outcome == at.REFUSED
    s.mismatches += s.r_mismatch[i]
    s.undetected += s.was_silent and s.checked != 0
    s.after_goals += s.r_after_goals[i]
    if s.cause_of[seen] != at.NONE:
        s.caused[s.cause_of[seen]] += 1
        for j in range(at.CODES):
            s.coded[j] += s.codes_of[seen] >> j & 1
