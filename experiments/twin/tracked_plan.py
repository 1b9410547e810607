"""The plan in hand: `tracked_plan` and `plan_history` of `sim.measure`, in numbers."""

from __future__ import annotations

from typing import Any

from plandrift.experiments.twin import blame, fluents, meter, staleness
from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.compiled import compiled
from plandrift.experiments.twin.memory import bits, lowest

STORM = 3


@compiled
def rewritten(c: Any, s: Any, fluent: int, value: int, hand: int) -> None:
    """Handle a write to a fluent of the world by anybody but this plan."""
    if s.hand != at.NONE and s.active[0, fluent]:
        meter.advance(s)
        fluents.write(c, s, fluent, value, hand)
        staleness.write(c, s, 0, fluent)
    else:
        fluents.write(c, s, fluent, value, hand)


@compiled
def _own_news(c: Any, s: Any, m: int) -> bool:
    """Say whether the news shows that the call under way has landed."""
    if s.under_way == at.NONE or s.taken[m] < s.fired_at:
        return False
    told = False
    for i in range(s.news_count):
        told |= s.news[i] == c.writes[s.under_way]
    if not told:
        return False
    if not s.own[m] and (s.by[m] == at.PUSH or not fluents.shown_by(c, s, 1, s.under_way)):
        return False
    if s.shown_at == at.NONE:
        s.shown_at = s.learned
    return s.in_flight != at.NONE


@compiled
def heard(c: Any, r: Any, s: Any, m: int) -> None:
    """Handle news that reached the belief; what it changed is in `news`."""
    meter.settle(r, s)
    s.read += s.by[m] == at.READ_BY
    s.news_count = 0
    begin = m * c.fluents
    for i in range(begin, begin + s.size[m]):
        if fluents.hear(c, s, s.taken[m], s.read_fluent[i], s.read_value[i], s.read_version[i]):
            s.news[s.news_count] = s.read_fluent[i]
            s.news_count += 1
    if s.hand == at.NONE or not s.news_count:
        return
    own = s.under_way != at.NONE and _own_news(c, s, m)
    for i in range(s.news_count):
        fluent = s.news[i]
        if not (own and fluent == c.writes[s.under_way]) and s.active[1, fluent]:
            meter.advance(s)
            staleness.write(c, s, 1, fluent)
    if own:
        meter.advance(s)
        staleness.land(c, s, 1, s.in_flight)
        s.written_steps |= int(fluents.shown_by(c, s, 1, s.under_way)) << s.in_flight


@compiled
def _same_step(c: Any, s: Any, p: int, place: int, q: int, other: int) -> bool:
    """Say whether two plans have the same step there: the same job, planned with the same values."""
    same = s.job[p, place] == s.job[q, other]
    for need in range(c.needs[s.job[p, place]]):
        same &= s.reads[p, place, need] == s.reads[q, other, need]
    return same


@compiled
def _serves(c: Any, s: Any, old: int, new: int, done: int, flying: int) -> bool:
    """Say whether the current stale sets fit the incoming plan: the same steps, equally far along."""
    if old == at.NONE or done or s.length[old] != s.length[new]:
        return False
    n = s.length[new]
    for place in range(n):
        if not _same_step(c, s, old, place, new, place):
            return False
    if flying != at.NONE and s.landed and not fluents.shown_by(c, s, 0, s.job[new, flying]):
        return False
    steps, bit = (1 << n) - 1, 0 if flying == at.NONE else 1 << flying
    nodes = (2 << n) - 1
    landed = bit if s.landed else 0
    known = bit if s.shown_at != at.NONE else 0
    return (
        s.unfired[0] == s.unfired[1] == steps & ~bit
        and s.unlanded[0] == nodes & ~landed
        and s.unlanded[1] == nodes & ~known
    )


@compiled
def _came(c: Any, s: Any, old: int, rest: int, new: int) -> None:
    """Count a plan, and how far it is from the rest of the previous one."""
    s.plans += 1
    if s.plans > 1:
        s.in_a_row += 1
        if s.in_a_row == STORM:
            s.storms += 1
    before = bits(rest)
    if not before:
        return
    same = 0
    for place in range(s.length[old]):
        other = s.place_of[new, s.job[old, place]]
        if rest >> place & 1 and other != at.NONE and s.unfired[1] >> other & 1:
            same += _same_step(c, s, old, place, new, other)
    meter.add(s.distance, (before + bits(s.unfired[1]) - 2 * same) / before)
    s.distances += 1


@compiled
def adopted(c: Any, r: Any, s: Any, new: int, done: int, flying: int) -> None:
    """Take a plan that came through the hand-off as the current plan."""
    old = s.hand
    rest = 0 if old == at.NONE else s.unfired[1]
    meter.up_to_now(r, s)
    kept = _serves(c, s, old, new, done, flying)
    s.hand, s.fired_of_plan, s.in_flight = new, 0, flying
    s.serial += 1
    s.written_steps = 0
    for place in range(s.length[new]):
        known = done >> place & 1 or (s.shown_at != at.NONE and place == flying)
        if known and fluents.shown_by(c, s, 1, s.job[new, place]):
            s.written_steps |= 1 << place
    if not kept:
        staleness.begin(c, s)
    own = s.wrote_fluent if flying != at.NONE and s.landed else at.NONE
    if own != at.NONE and s.wrote_version != s.version[0, own]:
        own = at.NONE
    for w in range(2):
        rewritten = 0
        for fluent in range(c.fluents):
            apart = (s.version[w, fluent] != s.basis_version[new, fluent]) & (fluent != own)
            written = s.active[w, fluent] if apart else 0
            s.written[w, fluent] = written
            rewritten |= written
        own = at.NONE
        if kept and rewritten:
            # What is assumed when the plan arrives: links of a landed step are not.
            rewritten = 0
            for fluent in range(c.fluents):
                if s.written[w, fluent]:
                    s.written[w, fluent] &= _assumed(c, s, new, fluent)
                    rewritten |= s.written[w, fluent]
        s.rewritten[w] = rewritten
    for place in range(s.length[new]):
        if done >> place & 1:
            pass_over(c, s, place)
    if flying != at.NONE and not kept:
        s.unfired[0] &= ~(1 << flying)
        s.unfired[1] &= ~(1 << flying)
        if s.landed:
            staleness.land(c, s, 0, flying)
        if s.shown_at != at.NONE:
            staleness.land(c, s, 1, flying)
    s.meter_taken = s.basis_taken[new]
    _came(c, s, old, rest, new)
    if old != at.NONE:
        s.plan_used[old] = 0


@compiled
def _assumed(c: Any, s: Any, p: int, fluent: int) -> int:
    """Return the nodes of a plan that take the fluent from the world."""
    mask = 0
    for user in range(c.users[fluent], c.users[fluent + 1]):
        place = s.place_of[p, c.user_job[user]]
        if place != at.NONE and staleness.source(c, s, p, place, c.user_need[user]) == at.NONE:
            mask |= 1 << place
    job = c.writer[fluent]
    if job != at.NONE and s.place_of[p, job] == at.NONE:
        mask |= 1 << s.length[p]
    return mask


@compiled
def pass_over(c: Any, s: Any, place: int) -> None:
    """Treat a step as done."""
    for w in range(2):
        s.unfired[w] &= ~(1 << place)
        staleness.land(c, s, w, place)


@compiled
def fired(c: Any, r: Any, s: Any, place: int) -> None:
    """Handle the sending of a step's call; its state before that is in the last row of the steps."""
    i, job, p = s.row, s.job[s.hand, place], s.hand
    meter.shares(s)
    mask = staleness.violated_needs(c, s, 0, place) if s.direct[0] >> place & 1 else 0
    broken = 0
    for need in range(c.needs[job]):
        fluent = c.fluent[job, need]
        broken |= int(s.value[1, fluent] != s.reads[p, place, need]) << need
        if mask >> need & 1:
            left, settled = fluents.left_at(s, fluent, s.reads[p, place, need]), s.settled[0, fluent]
            s.r_since[i, need] = settled if settled > left else left
    s.r_age[i] = s.now - s.basis_taken[p]
    s.r_staleness[i], s.r_direct[i], s.r_perceived[i] = s.s_plan, s.s_direct, s.s_perceived
    s.r_blind[i], s.r_version[i] = s.s_blind, s.s_version
    s.r_stale[i], s.r_rewritten[i] = s.stale[0] >> place & 1, s.rewritten[0] >> place & 1
    s.r_violated[i], s.r_shown[i] = mask, mask & broken
    s.r_after_goals[i] = not s.unmet[0]
    s.believed_broken = broken
    meter.up_to_now(r, s)
    s.under_way, s.in_flight, s.fired_at = job, place, s.now
    s.landed, s.shown_at = 0, at.NONE
    s.fired_of_plan += 1
    s.in_a_row = 0
    s.unfired[0] &= ~(1 << place)
    s.unfired[1] &= ~(1 << place)


@compiled
def landed(c: Any, s: Any, effective: bool) -> None:
    """Handle the landing of the call under way; an effective one wrote that its job is done."""
    meter.advance(s)
    blame.landing(c, s)
    fluent = c.writes[s.under_way]
    s.wrote_fluent = at.NONE
    if effective:
        fluents.write(c, s, fluent, c.done[s.under_way], at.OWN)
        s.wrote_fluent, s.wrote_version = fluent, s.version[0, fluent]
        if s.in_flight == at.NONE:
            staleness.write(c, s, 0, fluent)
    s.landed = 1
    if s.in_flight != at.NONE:
        staleness.land(c, s, 0, s.in_flight)


@compiled
def acknowledged(c: Any, r: Any, s: Any, reported: int, version: int) -> None:
    """Handle the call's acknowledgment (an ok also says what was written), or its timeout."""
    meter.up_to_now(r, s)
    blame.answered(c, s, reported)
    job, place = s.under_way, s.in_flight
    fluent = c.writes[job]
    if (
        reported == at.OK
        and fluents.hear(c, s, s.landed_at, fluent, c.done[job], version)
        and place == at.NONE
    ):
        staleness.write(c, s, 1, fluent)
    if place != at.NONE:
        shown = fluents.shown_by(c, s, 1, job)
        staleness.land(c, s, 1, place)
        if shown and reported in (at.OK, at.SILENCE):
            s.written_steps |= 1 << place
    s.learned += 1
    s.under_way = at.NONE


@compiled
def retried(c: Any, r: Any, s: Any, place: int) -> None:
    """Mark a fired step to be fired once more."""
    meter.up_to_now(r, s)
    s.written_steps &= ~(1 << place)
    for w in range(2):
        s.unfired[w] |= 1 << place
        staleness.unland(c, s, w, place)


@compiled
def following(s: Any) -> int:
    """Return the position of the next step to fire, or `NONE`."""
    return lowest(s.unfired[1]) if s.hand != at.NONE and s.unfired[1] else at.NONE


@compiled
def expected(c: Any, s: Any, place: int, need: int) -> int:
    """Return the version that a step's need has if all went as planned, as far as the agent knows."""
    fluent = c.fluent[s.job[s.hand, place], need]
    by = staleness.source(c, s, s.hand, place, need)
    if by == at.NONE:
        return s.basis_version[s.hand, fluent]
    return s.settled_version[1, fluent] if s.written_steps >> by & 1 else at.NONE
