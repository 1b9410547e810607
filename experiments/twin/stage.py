"""One episode from start to end: `sim.engine.stage` in numbers, and the sums behind its figures."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import inf

from plandrift.experiments.twin import (
    agent_state,
    array_scene,
    channel_process,
    environment,
    executor,
    exogenous,
)
from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.clock import NEWS, WORLD, next_event, schedule
from plandrift.experiments.twin.compiled import compiled
from plandrift.experiments.twin.memory import record_of
from plandrift.sim.measure.causes import CAUSES, MAST

MOST = 5_000_000
"""Events after which the SimPy engine takes over, because it can report an episode that does not end."""
_GIVEN_UP = CAUSES.index("given_up")
_AFTER_GOALS, _FALSE = [tuple(MAST).index(code) for code in ("FM-1.5", "FM-3.1")]


@compiled
def begin(c: Any, r: Any, s: Any) -> None:
    """Set everything to its state at time 0, and request the first plan."""
    s.now, s.number, s.waiting, s.events, s.ended = 0.0, 0, 0, 0, at.RUNNING
    for stream in range(at.STREAMS):
        s.opened[stream] = 0
    array_scene.draw_scene(c, s)
    exogenous.begin(c, s)
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
    s.rings = s.change_due = s.arrival_due = inf
    s.alarm = 0
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
    s.has_attempt, s.count, s.row, s.misfires, s.first_attempts, s.first_misfires = 0, 0, 0, 0, 0, 0
    s.harm = s.repeats = s.refused = s.mismatches = s.undetected = s.after_goals = 0
    s.distance[0] = s.distance[1] = s.stale_sum[0] = s.stale_sum[1] = 0.0
    for i in range(at.CAUSES):
        s.caused[i] = 0
    for i in range(at.CODES):
        s.coded[i] = 0
    if r.sampling == at.POLL:
        schedule(s, r.poll_every, NEWS, at.POLLED, 0)
    environment.await_change(s)
    schedule(s, r.horizon, WORLD, at.END, 0)
    s.inbox_size = s.asking = s.going = 0
    agent_state.attend(c, r, s, at.FIRST, 0)
    # SimPy starts a process before everything else at the same instant.
    schedule(s, 0.0, WORLD, at.RESUME, 0)


@compiled
def turn(c: Any, r: Any, s: Any) -> None:
    """Process events until the end."""
    while s.ended == at.RUNNING:
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
def play(c: Any, r: Any, s: Any, first: int, rows: Any) -> None:
    """Run one episode for each row, of the seeds from `first` on."""
    array_scene.index(c)
    for i in range(len(rows)):
        s.seed = np.uint64(first + i)
        begin(c, r, s)
        turn(c, r, s)
        figures(s, c.jobs, record_of(rows, i))


@compiled
def _over(part: float, whole: float) -> float:
    return part / whole if whole else np.nan


@compiled
def figures(s: Any, goals: int, row: Any) -> None:
    """Compute the figures of an episode that is over; `row` is one of `metrics.FIGURES`."""
    unmet, ended, held, fired = s.unmet[0], s.ended, s.held, s.count
    gave_up, false = int(ended == at.GAVE_UP), int(ended == at.DONE and unmet > 0)
    row.ended = ended
    row.plan_staleness, row.direct_staleness = _over(s.areas[0], held), _over(s.areas[1], held)
    row.perceived_staleness, row.blind_staleness = _over(s.areas[2], held), _over(s.areas[3], held)
    row.version_staleness, row.plan_validity = _over(s.areas[4], held), _over(s.areas[5], held)
    row.staleness_before_fire = _over(s.stale_sum[0] + s.stale_sum[1], fired)
    row.plan_age, row.belief_age = _over(s.age, held), _over(s.age_area, s.age_time)
    row.steps_fired, row.misfires, row.first_misfires = fired, s.misfires, s.first_misfires
    row.first_attempts, row.misfire_rate = s.first_attempts, _over(s.misfires, fired)
    row.first_misfire_rate = _over(s.first_misfires, s.first_attempts)
    row.harm, row.repeats, row.refused = s.harm, s.repeats, s.refused
    row.false_blocks, row.blocks, row.replans = s.false_blocks, s.blocks, max(0, s.plans - 1)
    row.thinking_time, row.goals_met, row.success = s.thinking, 1 - unmet / goals, int(unmet == 0)
    row.false_completion, row.duration = false, s.now
    row.score, row.score_reachable, row.effectiveness = goals - unmet, goals, (goals - unmet) / goals
    row.mismatches, row.mismatches_fired = s.mismatches + s.mismatches_blocked, s.mismatches
    row.mismatches_blocked, row.verified, row.reads = s.mismatches_blocked, s.verified, s.read
    row.undetected_silent_successes, row.gave_up = s.undetected, gave_up
    row.cut_off = int(ended == at.HORIZON)
    row.thinking_share = s.thinking / s.now if s.now else 0.0
    row.storms, row.expansions, row.standstill = s.storms, 0, 0
    row.opportunity_staleness = row.plan_ratio = np.nan
    row.plan_distance = _over(s.distance[0] + s.distance[1], s.distances)
    row.exogenous_changes, row.side_effects = s.exogenous, s.side_effects
    for i in range(at.CAUSES):
        row.causes[i] = s.caused[i]
    row.causes[_GIVEN_UP] = gave_up
    for i in range(at.CODES):
        row.codes[i] = s.coded[i]
    row.codes[_AFTER_GOALS] += s.after_goals
    row.codes[_FALSE] += false
