"""The three questions, answered as `policies.assembled.Assembled` answers them with the same parts.

`twin.coverage` says which parts these are; a test compares every part with its declaration.
"""

from __future__ import annotations

from typing import Any

from plandrift.experiments.twin import fluents, tracked_plan
from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.compiled import compiled
from plandrift.experiments.twin.memory import bits

FOR_EVER = 40
"""The number of doublings after which a back-off no longer grows (`policies.bounds`)."""


@compiled
def _spent(r: Any, s: Any) -> bool:
    return r.max_replans != at.NONE and s.requested >= r.max_replans


@compiled
def _wait(r: Any, s: Any) -> float:
    gap = r.min_interval
    if r.backoff and s.unfired_requests:
        longer = r.backoff * 2.0 ** min(s.unfired_requests - 1, FOR_EVER)
        if longer > gap:
            gap = longer
    wait = s.last_request + gap - s.now
    if r.thinking_share >= 0 and s.thinking > 0:
        allowed = r.thinking_share if r.thinking_share > 1e-12 else 1e-12
        longer = s.thinking / allowed - s.now
        if longer > wait:
            wait = longer
    return wait if wait > 0.0 else 0.0


@compiled
def _unsettles(r: Any, s: Any) -> bool:
    """Say whether the rest of the plan is invalidated by one of the fluents in `news`."""
    if s.hand == at.NONE or (not r.by_version and not s.direct[1]):
        return False
    left = s.unfired[1] | 1 << s.length[s.hand]
    for i in range(s.news_count):
        rests = s.active[1, s.news[i]] if r.by_version else s.violated[1, s.news[i]]
        if rests & left:
            return True
    return False


@compiled
def observed(r: Any, s: Any, by: int) -> int:
    """Handle news or a handed-over plan: keep or replan (after the debounce), or give up."""
    wants = False
    if r.trigger == at.OBSERVATION:
        wants = by != at.HANDOVER
    elif r.trigger in (at.TOUCHED, at.BROKEN, at.BETTER, at.NEW):
        if r.trigger == at.NEW:
            for i in range(s.news_count):
                wants |= r.watched[s.news[i]] != 0
        wants = wants or _unsettles(r, s)
    if not wants:
        return at.KEEP
    if _spent(r, s):
        return at.KEEP if r.goes_on else at.GIVE_UP
    if _wait(r, s) > 0:
        return at.KEEP
    s.after = r.debounce
    return at.REPLAN


@compiled
def used_up(r: Any, s: Any) -> int:
    """Handle a plan without steps left and unmet goals in the belief: done (`KEEP`), or replan."""
    if r.trigger == at.NEVER:
        return at.KEEP
    if _spent(r, s):
        return at.KEEP if r.goes_on else at.GIVE_UP
    s.after = _wait(r, s)
    return at.REPLAN


@compiled
def _objects(c: Any, r: Any, s: Any, fresh: bool) -> int:
    """Return the first objection of a gate; it may set `skip`."""
    place = tracked_plan.following(s)
    if r.idempotent and place != at.NONE and fluents.shown_by(c, s, 1, s.job[s.hand, place]):
        s.skip = 1
        return at.BLOCK
    if r.reconcile and mismatch(s):
        return at.BLOCK
    if not r.drift:
        return at.FIRE
    if r.fresh and not fresh:
        return at.LOOK
    if place == at.NONE or not s.informed:
        return at.FIRE
    broken = False
    if not r.by_version:
        broken = s.direct[1] >> place & 1 != 0
    elif s.rewritten[1] >> place & 1:
        job = s.job[s.hand, place]
        for need in range(c.needs[job]):
            broken |= s.written[1, c.fluent[job, need]] >> place & 1 != 0
    if broken:
        return at.WARN if r.warns else at.BLOCK
    return at.FIRE


@compiled
def mismatch(s: Any) -> bool:
    """Say whether the bound call differs from the step's call."""
    for need in range(at.NEEDS):
        if s.call_reads[need] != s.step_reads[need]:
            return True
    return False


@compiled
def before_fire(c: Any, r: Any, s: Any, fresh: bool) -> int:
    """Decide on a call that is about to fire. Sets `skip` and `after`."""
    s.skip, s.after = 0, 0.0
    verdict = _objects(c, r, s, fresh)
    if verdict == at.FIRE:
        return at.IF_MATCH if r.if_match else at.FIRE
    if verdict == at.BLOCK and not s.skip:
        if _spent(r, s):
            if not r.goes_on:
                return at.GIVE_UP
            s.skip = 1
        else:
            s.after = _wait(r, s)
    return verdict


@compiled
def _reacts(r: Any, s: Any, refreshed: bool) -> int:
    if s.reported == at.TURNED or (r.heeds_errors and s.reported == at.ERRED):
        return at.REPLAN if refreshed else at.REFRESH
    if r.verify:
        if s.reported != at.ERRED and s.checked != 1:
            return at.VERIFY if s.checked == at.NONE else at.RETRY if r.trigger == at.NEVER else at.REPLAN
    elif s.reported == at.SILENCE:
        return at.RETRY
    if r.trigger == at.EVERY:
        left = bits(s.unfired[1]) if s.hand != at.NONE else 0
        return at.REPLAN if s.fired_of_plan >= r.every and left > 0 else at.GO_ON
    if r.trigger == at.NEVER:
        return at.GO_ON
    broken = s.hand != at.NONE and s.direct[1] & s.unfired[1] != 0
    if r.trigger in (at.BROKEN, at.BETTER, at.NEW) and broken and s.thought == at.NONE:
        return at.REPLAN
    return at.REPLAN if s.reported == at.ERRED else at.GO_ON


@compiled
def answered(r: Any, s: Any, refreshed: bool, failures: int) -> int:
    """Handle an answer, verified or refreshed. Sets `after`."""
    s.after = 0.0
    reaction = _reacts(r, s, refreshed)
    if reaction not in (at.REPLAN, at.RETRY):
        return reaction
    if r.max_failures != at.NONE and failures >= r.max_failures:
        return at.GO_ON if r.goes_on else at.GIVE_UP
    if reaction == at.RETRY:
        return reaction
    if _spent(r, s):
        return at.GO_ON if r.goes_on else at.GIVE_UP
    s.after = _wait(r, s)
    return reaction
