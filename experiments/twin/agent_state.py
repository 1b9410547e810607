"""The agent and the hand-off: `agent_state` and `handoff` of `sim.engine`, in numbers."""

from __future__ import annotations

from typing import Any

from numpy import inf

from plandrift.experiments.twin import assembled, planner, staleness, tracked_plan
from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.clock import ACTING, NEWS, PLANNING, schedule
from plandrift.experiments.twin.compiled import compiled
from plandrift.experiments.twin.streams import draw, time_of


@compiled
def wake(r: Any, s: Any) -> None:
    """Wake the executor, because something that it may be waiting for has changed."""
    if s.asleep and (s.quit or not s.unmet[1] or not planner.holds(r, s)):
        s.asleep = 0
        schedule(s, 0.0, ACTING, at.RESUME, 0)


@compiled
def _decided(r: Any, s: Any, decision: int) -> bool:
    """Carry out a decision; True if a plan is to be requested now."""
    if decision == at.GIVE_UP:
        s.quit = 1
        wake(r, s)
    elif decision == at.REPLAN:
        if s.after > 0:
            s.debounced += 1
            schedule(s, s.after, NEWS, at.QUIET, s.debounced)
        else:
            return True
    return False


@compiled
def decide(r: Any, s: Any, decision: int) -> None:
    """Carry out a decision; if it says to replan now, `asking` is set."""
    if _decided(r, s, decision):
        s.asking = 1


@compiled
def _news(c: Any, r: Any, s: Any, m: int) -> bool:
    """Handle news: believe what is newer, then ask the policy. True if it requests a plan."""
    tracked_plan.heard(c, r, s, m)
    if s.own[m]:
        return False
    if s.waits:
        s.waits = 0
        return True
    if not r.listens:
        return False
    if planner.busy(s):
        for i in range(s.news_count):
            s.unasked[s.news[i]] = s.learned
            s.unasked_any = 1
    return _decided(r, s, assembled.observed(r, s, s.by[m]))


@compiled
def attend(c: Any, r: Any, s: Any, what: int, which: int) -> None:
    """Attend to one thing, and to all plans that result from it at this instant.

    Args:
        c: the scene.
        r: the settings.
        s: the episode.
        what: `ARRIVE`: a message; `QUIET`: a plan is requested; `AWAKE`: the time to make a plan is over;
            `HANDED`: a plan has come through the hand-off; `FIRST`: the first plan is requested, which does
            not count as a replan.
        which: the message, or the plan.
    """
    asks, made, wakes = False, at.NONE, False
    if what == at.AWAKE:
        s.rings = inf
    if what == at.ARRIVE:
        asks, wakes = _news(c, r, s, which), not s.own[which]
    elif what == at.QUIET:
        asks = True
    elif what == at.FIRST:
        made = planner.begin(c, r, s, False)
    elif what == at.HANDED:
        s.travelling -= 1
        asks = wakes = _adopt(c, r, s, which)
    elif s.thought != at.NONE and s.thought_until > s.now:
        planner.ring_after(s, s.thought_until - s.now)
    elif s.thought != at.NONE:
        made, s.thought = s.thought, at.NONE
        s.thinking += s.now - s.thought_begun
    while True:
        if made != at.NONE:
            s.numbers += 1
            delay = time_of(r, s, at.DELAY)
            if delay == 0:
                asks = _adopt(c, r, s, made)
                wakes = wakes or asks
            else:
                s.travelling += 1
                schedule(s, delay, PLANNING, at.HANDED, made)
            made = at.NONE
        elif asks:
            asks = False
            s.requested += 1
            s.unfired_requests += 1
            s.last_request = s.now
            if s.thought == at.NONE:
                made = planner.begin(c, r, s, False) if not s.pending else at.NONE
            elif r.interrupted == at.FINISH:
                s.pending = 1
            else:
                s.thinking += s.now - s.thought_begun
                s.plan_used[s.thought] = 0
                made = planner.begin(c, r, s, r.interrupted == at.RESTART)
        elif what == at.AWAKE and s.pending and s.thought == at.NONE:
            s.pending = 0
            made = planner.begin(c, r, s, False)
        else:
            break
    if wakes:
        wake(r, s)


@compiled
def _adopt(c: Any, r: Any, s: Any, p: int) -> bool:
    """Adopt a plan from the hand-off. True if the agent immediately requests another, and has not woken."""
    s.holds = 0
    if s.hand != at.NONE and s.plan_number[p] < s.plan_number[s.hand]:
        s.plan_used[p] = 0
        wake(r, s)
        return False
    s.informed = not r.summary
    for place in range(s.length[p] if r.summary else 0):
        job = s.job[p, place]
        for need in range(c.needs[job]):
            s.handed[place, need] = s.reads[p, place, need]
            if c.lossy[job, need] and draw(s, at.HANDOFF) >= r.fidelity:
                s.handed[place, need] = c.first[c.fluent[job, need]]
    basis, known, kept = s.basis_learned[p], s.shown_at, 0
    for i in range(s.done_count):
        if s.done_change[i] > basis:
            s.done_change[kept], s.done_job[kept] = s.done_change[i], s.done_job[i]
            kept += 1
    s.done_count = kept
    done, flying = 0, at.NONE
    for i in range(s.done_count):
        place = _same(c, s, p, s.done_job[i], done)
        if place != at.NONE:
            done |= 1 << place
    if s.under_way != at.NONE and (known == at.NONE or known > basis):
        flying = _same(c, s, p, s.under_way, done)
    tracked_plan.adopted(c, r, s, p, done, flying)
    s.waits = 0
    if _asks_again(c, r, s, p):
        return True
    wake(r, s)
    return False


@compiled
def _same(c: Any, s: Any, p: int, job: int, done: int) -> int:
    """Return the plan's step that does a job, if it waits for no other step that is not done."""
    place = s.place_of[p, job]
    if place == at.NONE or done >> place & 1:
        return at.NONE
    for need in range(c.needs[job]):
        by = staleness.source(c, s, p, place, need)
        if by != at.NONE and not done >> by & 1:
            return at.NONE
    return place


@compiled
def _asks_again(c: Any, r: Any, s: Any, p: int) -> bool:
    """Ask about the new plan what was asked only about the old one; True if a plan is to be requested."""
    if not s.unasked_any or planner.busy(s) or s.pending:
        return False
    s.news_count = 0
    for fluent in range(c.fluents):
        if s.unasked[fluent] > s.basis_learned[p]:
            s.news[s.news_count] = fluent
            s.news_count += 1
        s.unasked[fluent] = at.NONE
    s.unasked_any = 0
    return s.news_count > 0 and _decided(r, s, assembled.observed(r, s, at.HANDOVER))


@compiled
def known(s: Any, jobs: Any, reads: Any, count: int, job: int) -> int:
    """Return where a step is noted, by its job and `step_reads`; `NONE` if it is not."""
    for i in range(count):
        same = jobs[i] == job
        for need in range(at.NEEDS):
            same &= reads[i, need] == s.step_reads[need]
        if same:
            return i
    return at.NONE


@compiled
def forget_failures(s: Any, job: int) -> None:
    """Reset the failures of a step that did its work."""
    i = known(s, s.failed_job, s.failed_reads, s.failed_count, job)
    if i != at.NONE:
        last = s.failed_count = s.failed_count - 1
        s.failed_job[i], s.failed_times[i] = s.failed_job[last], s.failed_times[last]
        for need in range(at.NEEDS):
            s.failed_reads[i, need] = s.failed_reads[last, need]


@compiled
def count_failure(s: Any, job: int) -> None:
    """Count one more failure in a row of a step."""
    i = known(s, s.failed_job, s.failed_reads, s.failed_count, job)
    if i == at.NONE:
        if s.failed_count >= at.KNOWN:
            s.ended = at.FULL
            return
        i = s.failed_count
        s.failed_count += 1
        s.failed_job[i], s.failed_times[i] = job, 0
        for need in range(at.NEEDS):
            s.failed_reads[i, need] = s.step_reads[need]
    s.failed_times[i] += 1


@compiled
def acknowledged(c: Any, r: Any, s: Any, reported: int, version: int) -> None:
    """Tell the executor how its call went, or that it has given up waiting."""
    job, known = s.under_way, s.shown_at
    tracked_plan.acknowledged(c, r, s, reported, version)
    if reported == at.OK:
        if s.done_count >= at.KNOWN:
            s.ended = at.FULL
            return
        s.done_change[s.done_count] = s.learned if known == at.NONE else known
        s.done_job[s.done_count] = job
        s.done_count += 1
        forget_failures(s, s.bound_job)
    else:
        count_failure(s, s.bound_job)
