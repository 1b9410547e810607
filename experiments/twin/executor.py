"""The executor: `sim.engine.executor` in numbers, with one state for each point at which it waits."""

from __future__ import annotations

from typing import Any

from plandrift.experiments.twin import (
    agent_state,
    assembled,
    attempt,
    channel_process,
    fluents,
    meter,
    planner,
    tracked_plan,
)
from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.clock import ACTING, schedule
from plandrift.experiments.twin.compiled import compiled
from plandrift.experiments.twin.streams import draw, time_of

(NEXT, PREPARING, PREPARED, TO_FIRE, JUDGE, LOOKING, LOOKED, AFTER_LOOK, WITHHOLD, WITHHELD, GONE) = range(11)
(FIRING, LANDING, HEARING, REACT, VERIFYING, VERIFIED, REFRESHING, REFRESHED) = range(11, 19)
(REACTING, REPLANNING, RECORD, ASKED, LANDED) = range(19, 24)


@compiled
def _waits(s: Any, delay: float, where: int) -> bool:
    """Continue at a state after a delay; True if there is a delay."""
    s.where = where
    if delay > 0:
        schedule(s, delay, ACTING, at.RESUME, 0)
        return True
    return False


@compiled
def _idle(s: Any, where: int) -> None:
    s.where, s.asleep = where, 1


@compiled
def end(r: Any, s: Any, how: int) -> None:
    """End the episode; a call that has reached the world unanswered is kept."""
    s.ended = how
    if s.thought != at.NONE:
        s.thinking += s.now - s.thought_begun
        s.thought = at.NONE
    meter.up_to_now(r, s)
    if s.has_attempt == 2:
        attempt.record(s)


@compiled
def _act(r: Any, s: Any) -> int:
    """Return what to do now: `FIRE` a step, wait (`KEEP`), end (`DONE`), or check again (`LOOK`)."""
    if s.quit:
        end(r, s, at.GAVE_UP)
        return at.DONE
    if not s.unmet[1]:
        end(r, s, at.DONE)
        return at.DONE
    if s.waits or s.hand == at.NONE or planner.holds(r, s):
        return at.KEEP
    if tracked_plan.following(s) != at.NONE:
        return at.FIRE
    if planner.busy(s):
        return at.KEEP
    decision = assembled.used_up(r, s)
    if decision == at.GIVE_UP:
        s.quit = 1
        end(r, s, at.GAVE_UP)
        return at.DONE
    if decision == at.KEEP:
        end(r, s, at.DONE)
        return at.DONE
    if not s.fired_of_plan and s.plan_number[s.hand] != 1:
        s.waits = 1
        return at.KEEP
    s.before = s.serial
    agent_state.decide(r, s, decision)
    return at.LOOK


@compiled
def _must_wait(r: Any, s: Any) -> bool:
    return r.blocking and planner.busy(s) and not s.quit


@compiled
def _still(c: Any, s: Any) -> None:
    """After a wait: find the step in hand, perhaps under a new plan; no `at_place` if it is withdrawn."""
    place = tracked_plan.following(s)
    if s.quit or not s.unmet[1] or place == at.NONE:
        s.at_place = at.NONE
    elif s.serial == s.at_serial:
        if place != s.at_place:
            s.at_place = at.NONE
    else:
        same = s.job[s.hand, place] == s.bound_job
        for need in range(c.needs[s.bound_job] if same else 0):
            same &= s.reads[s.hand, place, need] == s.step_reads[need]
        s.at_place = place if same else at.NONE
        s.at_serial = s.serial


@compiled
def _bind(c: Any, r: Any, s: Any) -> None:
    s.at_serial, s.at_place = s.serial, tracked_plan.following(s)
    s.bound_job, s.slipped, s.verdict = s.job[s.hand, s.at_place], 0, at.NONE
    for need in range(at.NEEDS):
        s.step_reads[need] = s.call_reads[need] = at.NONE
    for need in range(c.needs[s.bound_job]):
        s.step_reads[need] = s.reads[s.hand, s.at_place, need]
        s.call_reads[need] = s.handed[s.at_place, need] if r.summary else s.step_reads[need]
    if r.slip:
        slips, which = draw(s, at.SLIP), draw(s, at.SLIP)
        if slips < r.slip:
            s.slipped = 1
            s.call_reads[0] = planner.sibling(c, s.call_reads[0], which)


@compiled
def _ask(c: Any, r: Any, s: Any) -> int:
    """Ask the policy whether the call may fire, and count a block."""
    verdict = assembled.before_fire(c, r, s, s.read_at == s.now)
    if verdict == at.BLOCK:
        s.blocks += 1
        if assembled.mismatch(s):
            s.mismatches_blocked += 1
        elif s.skip:
            s.false_blocks += not fluents.shown_by(c, s, 0, s.job[s.hand, s.at_place])
        else:
            s.false_blocks += not s.direct[0] >> s.at_place & 1
    return verdict


@compiled
def _read(c: Any, r: Any, s: Any, informed: int) -> None:
    """Read what the job needs as it is now; nothing if the executor does not know what the step assumes."""
    s.message = channel_process.message(c, s, at.READ_BY, 0)
    for need in range(c.needs[s.bound_job] if informed else 0):
        channel_process.tell(c, r, s, s.message, c.fluent[s.bound_job, need])


@compiled
def _told(c: Any, r: Any, s: Any) -> None:
    """The values read have arrived."""
    tracked_plan.heard(c, r, s, s.message)
    channel_process.drop(s, s.message)


@compiled
def _answered(r: Any, s: Any, refreshed: bool) -> int:
    i = agent_state.known(s, s.failed_job, s.failed_reads, s.failed_count, s.bound_job)
    return assembled.answered(r, s, refreshed, 0 if i == at.NONE else s.failed_times[i])


@compiled
def resume(c: Any, r: Any, s: Any) -> None:
    """Continue to the executor's next wait, or until others must be attended to first (`going`)."""
    while s.ended == at.RUNNING:
        where = s.where
        if where == NEXT or where == ASKED:
            # A plan that takes no time is in hand as soon as it is requested.
            waits = where == ASKED and s.serial == s.before
            move = at.KEEP if waits else _act(r, s)
            if move == at.DONE:
                return
            if move == at.LOOK:
                s.where, s.going = ASKED, 1
                return
            if move == at.KEEP:
                _idle(s, NEXT)
                return
            _bind(c, r, s)
            s.then, s.where = PREPARING, PREPARING
            if r.prepared:
                s.read_at, s.where = -1.0, JUDGE
        elif where == PREPARING:
            span = time_of(r, s, at.PREPARE)
            s.where = TO_FIRE
            if s.at_place != at.NONE and span > 0:
                _waits(s, span, PREPARED)
                return
        elif where == PREPARED:
            if _must_wait(r, s):
                _idle(s, PREPARED)
                return
            _still(c, s)
            s.where = TO_FIRE
        elif where == TO_FIRE:
            s.where = FIRING
            if s.at_place != at.NONE and s.verdict == at.NONE:
                s.then, s.read_at, s.where = FIRING, -1.0, JUDGE
        elif where == JUDGE:
            verdict = _ask(c, r, s)
            if verdict in (at.FIRE, at.WARN, at.IF_MATCH):
                s.verdict, s.where = verdict, s.then
            elif verdict == at.LOOK:
                s.trip = time_of(r, s, at.READ)
                if _waits(s, s.trip / 2, LOOKING):
                    return
            else:
                s.withheld_now = s.now
                if verdict == at.GIVE_UP:
                    s.quit, s.where = 1, GONE
                elif s.skip:
                    meter.up_to_now(r, s)
                    tracked_plan.pass_over(c, s, s.at_place)
                    s.where = WITHHELD
                else:
                    s.before = s.serial
                    if _waits(s, s.after, WITHHOLD):
                        return
        elif where == LOOKING:
            _read(c, r, s, s.informed)
            if _waits(s, s.trip / 2, LOOKED):
                return
        elif where == LOOKED:
            _told(c, r, s)
            s.read_at, s.where = s.now, AFTER_LOOK
        elif where == AFTER_LOOK:
            if _must_wait(r, s):
                _idle(s, AFTER_LOOK)
                return
            _still(c, s)
            s.where = JUDGE if s.at_place != at.NONE else GONE
        elif where == WITHHOLD:
            _replan_unless(s)
            s.where, s.going = WITHHELD, 1
            return
        elif where == WITHHELD:
            again = s.withheld_times + 1 if s.withheld_at == s.withheld_now else 1
            s.withheld_at, s.withheld_times = s.withheld_now, again
            s.where = GONE
            if again > 1 and not s.skip:
                if _waits(s, time_of(r, s, at.DURATION), GONE):
                    return
        elif where == GONE:
            s.at_place, s.verdict, s.where = at.NONE, at.NONE, s.then
        elif where == FIRING:
            if s.at_place == at.NONE or s.verdict == at.NONE:
                s.where = NEXT
                continue
            attempt.fire(c, r, s)
            latency = time_of(r, s, at.ACTION)
            s.duration = time_of(r, s, at.DURATION)
            if latency > s.duration:
                s.duration = latency
            if _waits(s, latency, LANDING):
                return
        elif where == LANDING:
            attempt.land(c, r, s)
            s.where, s.going = LANDED, 1
            return
        elif where == LANDED:
            s.before = 0
            if r.lost_ack and draw(s, at.LOST_ACK) < r.lost_ack:
                s.before = 1
                span = time_of(r, s, at.TIMEOUT)
                if span > s.duration:
                    s.duration = span
            if _waits(s, s.fired_now + s.duration - s.now, HEARING):
                return
        elif where == HEARING:
            attempt.hear_back(c, r, s, s.before != 0)
            s.where, s.going = REACT, 1
            return
        elif where == REACT:
            s.reaction = _answered(r, s, False)
            s.where = REACTING
            if s.reaction == at.VERIFY or s.reaction == at.REFRESH:
                s.trip = time_of(r, s, at.READ)
                s.before = int(s.hand != at.NONE and s.informed != 0)
                if _waits(s, s.trip / 2, VERIFYING if s.reaction == at.VERIFY else REFRESHING):
                    return
        elif where == VERIFYING:
            _read(c, r, s, 0)
            channel_process.tell(c, r, s, s.message, c.writes[s.bound_job])
            if _waits(s, s.trip / 2, VERIFIED):
                return
        elif where == VERIFIED:
            _told(c, r, s)
            s.checked = int(fluents.shown_by(c, s, 1, s.bound_job))
            s.verified += 1
            if s.checked:
                agent_state.forget_failures(s, s.bound_job)
            else:
                agent_state.count_failure(s, s.bound_job)
            s.reaction, s.where = _answered(r, s, False), REACTING
        elif where == REFRESHING:
            _read(c, r, s, s.before)
            if _waits(s, s.trip / 2, REFRESHED):
                return
        elif where == REFRESHED:
            _told(c, r, s)
            s.reaction, s.where = _answered(r, s, True), REACTING
        elif where == REACTING:
            s.where = RECORD
            if s.reaction == at.RETRY and s.in_flight != at.NONE:
                tracked_plan.retried(c, r, s, s.in_flight)
            elif s.reaction == at.REPLAN:
                s.before = s.serial
                if _waits(s, s.after, REPLANNING):
                    return
            elif s.reaction == at.GIVE_UP:
                s.quit = 1
        elif where == REPLANNING:
            _replan_unless(s)
            s.where, s.going = RECORD, 1
            return
        elif where == RECORD:
            attempt.record(s)
            s.where = NEXT


@compiled
def _replan_unless(s: Any) -> None:
    """Request a plan and wait until one is there, unless one came meanwhile."""
    if s.serial == s.before and not s.quit:
        s.holds = s.asking = 1
