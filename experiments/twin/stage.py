"""One episode from start to end: `sim.engine.stage` in numbers, and the sums behind its figures."""

from __future__ import annotations

from typing import Any

from numpy import inf

from plandrift.experiments.twin import agent_state, channel_process, environment, executor
from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.clock import NEWS, WORLD, next_event, schedule
from plandrift.experiments.twin.compiled import compiled, inlined

MOST = 5_000_000
"""Events after which the SimPy engine takes over, because it can report an episode that does not end."""
AHEAD = (256, 2048)
"""The fewest draws of a stream that are ready before an event; planner and hand-off draw for each step of a
plan."""
SUMS = 64
"""The number of values that `sums` returns."""


@inlined
def _index(c: Any) -> None:
    """Set the job that writes each need, and the needs of each fluent."""
    for fluent in range(c.fluents + 1):
        c.users[fluent] = 0
    for fluent in range(c.fluents):
        c.writer[fluent] = at.NONE
    for job in range(c.jobs):
        c.writer[c.writes[job]] = job
    for job in range(c.jobs):
        c.needs[job] = 0
        for need in range(at.NEEDS):
            if c.fluent[job, need] != at.NONE:
                c.needs[job] = need + 1
                c.users[c.fluent[job, need] + 1] += 1
                c.source[job, need] = c.writer[c.fluent[job, need]]
    for fluent in range(c.fluents):
        c.users[fluent + 1] += c.users[fluent]
        c.used[fluent] = c.users[fluent + 1]
    for job in range(c.jobs):
        for need in range(c.needs[job]):
            fluent = c.fluent[job, need]
            c.used[fluent] -= 1
            c.user_job[c.used[fluent]], c.user_need[c.used[fluent]] = job, need


@compiled
def begin(c: Any, r: Any, s: Any) -> None:
    """Set everything to its state at time 0, and request the first plan."""
    s.now, s.number, s.waiting, s.events, s.ended, s.next_change = 0.0, 0, 0, 0, at.RUNNING, 0
    for fluent in range(c.fluents):
        s.moved[fluent] = s.value[0, fluent] = s.value[1, fluent] = c.first[fluent]
        s.version[0, fluent] = s.version[1, fluent] = 0
        s.stamp[fluent] = 0.0
        s.left_last[fluent] = s.unasked[fluent] = at.NONE
        s.undone[fluent] = at.WORKED
        s.active[0, fluent] = s.active[1, fluent] = 0
    s.unasked_any = s.learned = s.histories = 0
    s.unmet[0] = s.unmet[1] = 0
    for job in range(c.jobs):
        s.unmet[0] += c.first[c.writes[job]] != c.done[job]
        s.attempts[job] = 0
    s.unmet[1] = s.unmet[0]
    s.latest = 0.0
    s.free, s.queue_first, s.queued, s.next_message = at.NONE, 0, 0, 0
    for p in range(at.PLANS):
        s.plan_used[p] = 0
    s.hand, s.serial, s.informed, s.thought, s.travelling, s.pending = at.NONE, 0, 1, at.NONE, 0, 0
    s.rings, s.alarm = inf, 0
    s.numbers, s.fired_of_plan, s.in_flight, s.under_way, s.shown_at = 0, 0, at.NONE, at.NONE, at.NONE
    s.landed, s.wrote_fluent, s.written_steps, s.linked, s.kernel_size = 0, at.NONE, 0, 0, 0
    for w in range(2):
        s.unfired[w] = s.unlanded[w] = s.direct[w] = s.stale[w] = s.rewritten[w] = 0
    s.meter_last = s.meter_taken = s.held = s.age = 0.0
    s.age_last = s.age_area = s.age_time = 0.0
    s.s_plan = s.s_direct = s.s_perceived = s.s_blind = s.s_version = s.s_valid = 0.0
    s.s_left, s.measured = 0, 1
    for i in range(6):
        s.areas[i] = 0.0
    s.plans = s.in_a_row = s.storms = s.distances = 0
    s.blocks = s.mismatches_blocked = s.false_blocks = s.verified = s.read = 0
    s.exogenous = s.side_effects = 0
    s.requested = s.unfired_requests = s.debounced = s.waits = s.holds = s.quit = 0
    s.last_request, s.thinking = -inf, 0.0
    s.done_count = s.failed_count = s.lost_count = 0
    s.where, s.asleep, s.withheld_at, s.withheld_times = executor.NEXT, 0, -1.0, 0
    s.has_attempt, s.count = 0, 0
    if r.sampling == at.POLL:
        schedule(s, r.poll_every, NEWS, at.POLLED, 0)
    environment.await_change(s)
    schedule(s, r.horizon, WORLD, at.END, 0)
    s.inbox_size = s.asking = s.going = 0
    agent_state.attend(c, r, s, at.FIRST, 0)
    # SimPy starts a process before everything else at the same instant.
    schedule(s, 0.0, WORLD, at.RESUME, 0)


@inlined
def _lacks(r: Any, s: Any) -> bool:
    """Say whether draws or changes must be refilled before the next event."""
    # A world that never changes has none ready.
    if s.changes_ready and s.next_change + 1 >= s.changes_ready:
        return True
    for stream in range(at.STREAMS):
        if s.drawn_to[stream] - s.drawn_at[stream] < r.ahead[stream]:
            return True
    return False


@inlined
def turn(c: Any, r: Any, s: Any) -> None:
    """Process events until the end, or until draws or changes are missing."""
    while s.ended == at.RUNNING and not _lacks(r, s):
        if s.events >= MOST:
            s.ended = at.FULL
            return
        what, which = next_event(s)
        message = at.NONE
        if what == at.CHANGE:
            environment.change(c, r, s)
        elif what == at.POLLED:
            channel_process.poll(c, r, s)
        elif what == at.RESUME:
            s.going = 1
        elif what == at.END:
            executor.end(r, s, at.HORIZON)
        elif what == at.ARRIVE:
            message = channel_process.first_queued(s)
        elif what == at.OVERTAKE:
            message = which
        elif what == at.HANDED or which == (s.alarm if what == at.AWAKE else s.debounced):
            agent_state.attend(c, r, s, what, which)
        while s.ended == at.RUNNING:
            if message != at.NONE:
                agent_state.attend(c, r, s, at.ARRIVE, message)
                channel_process.drop(s, message)
                message = at.NONE
            elif s.inbox_size:
                s.inbox_size -= 1
                message = s.inbox[0]
                for i in range(s.inbox_size):
                    s.inbox[i] = s.inbox[i + 1]
            elif s.asking:
                s.asking = 0
                agent_state.attend(c, r, s, at.QUIET, 0)
            elif s.going:
                s.going = 0
                executor.resume(c, r, s)
            else:
                break


@compiled
def play(c: Any, r: Any, s: Any, causes: Any, codes: Any, out: Any) -> None:
    """Begin or continue an episode; when it is over, compute its sums."""
    if s.ended == at.FRESH:
        _index(c)
        begin(c, r, s)
    turn(c, r, s)
    if s.ended != at.RUNNING:
        sums(s, causes, codes, out)


@inlined
def sums(s: Any, causes: Any, codes: Any, out: Any) -> None:
    """Compute what the figures are taken from, in the order of `twin.metrics.figures`.

    Args:
        s: the episode, which is over.
        causes: for each evidence of a step, the place of its cause, or `NONE` if it did not fail.
        codes: for each evidence the MAST codes, as a mask.
        out: where the sums are stored.
    """
    for i in range(SUMS):
        out[i] = 0.0
    for i in range(s.count):
        misfire, first = s.r_misfire[i], s.r_attempt[i] == 1
        out[0] += 1
        out[1] += misfire
        out[2] += misfire and first
        out[3] += first
        out[4] += s.r_outcome[i] == at.HARMFUL
        out[5] += s.r_outcome[i] == at.REPEAT
        out[6] += s.r_outcome[i] == at.REFUSED
        out[7] += s.r_mismatch[i]
        out[8] += s.r_silent[i] and s.r_checked[i] != 0
        out[9] += s.r_after_goals[i]
        cause = causes[s.r_evidence[i]]
        if cause != at.NONE:
            out[40 + cause] += 1
            code = codes[s.r_evidence[i]]
            for j in range(9):
                out[52 + j] += code >> j & 1
    out[10], out[11], out[12], out[13] = s.false_blocks, s.blocks, s.mismatches_blocked, s.verified
    out[14], out[15], out[16], out[17] = s.read, s.exogenous, s.side_effects, s.storms
    out[18], out[19], out[20], out[21] = s.plans, s.unmet[0], s.ended, s.now
    out[22], out[23], out[24], out[25] = s.thinking, s.held, s.age, s.age_area
    out[26] = s.age_time
    for i in range(6):
        out[27 + i] = s.areas[i]
