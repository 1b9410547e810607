"""The planner: `sim.engine.planner` in numbers."""

from __future__ import annotations

from typing import Any

from numpy import inf

from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.clock import PLANNING, schedule
from plandrift.experiments.twin.compiled import compiled
from plandrift.experiments.twin.streams import draw, time_of


@compiled
def busy(s: Any) -> bool:
    """Say whether a plan is on its way, being made or in the hand-off."""
    return s.thought != at.NONE or s.travelling > 0


@compiled
def holds(r: Any, s: Any) -> bool:
    """Say whether the executor must wait until the planner hands a plan over."""
    return busy(s) and (r.blocking or s.holds)


@compiled
def sibling(c: Any, value: int, which: float) -> int:
    """Return the value of a job's first need in a call that can be confused with this one."""
    if c.sibling_next:
        return (value + 1) % c.sibling_values
    found = int(which * (c.sibling_values - 1))
    return found if found < value else found + 1


@compiled
def think(c: Any, r: Any, s: Any) -> int:
    """Plan from the current belief, and return the plan's place."""
    p = 0
    while p < at.PLANS and s.plan_used[p]:
        p += 1
    if p == at.PLANS:
        s.ended = at.FULL
        p = 0
    s.plan_used[p] = 1
    n = 0
    for job in range(c.jobs):
        s.place_of[p, job] = at.NONE
        if s.value[1, c.writes[job]] != c.done[job]:
            s.job[p, n], s.place_of[p, job] = job, n
            for need in range(c.needs[job]):
                fixed = c.fixed[job, need]
                s.reads[p, n, need] = s.value[1, c.fluent[job, need]] if fixed == at.NONE else fixed
            n += 1
    s.length[p], s.wrong[p] = n, 0
    if r.error:
        for place in range(n):
            if draw(s, at.ERROR) < r.error:
                s.reads[p, place, 0] = sibling(c, s.reads[p, place, 0], draw(s, at.ERROR))
                s.wrong[p] |= 1 << place
    for fluent in range(c.fluents):
        s.basis_version[p, fluent] = s.version[1, fluent]
    s.plan_number[p], s.basis_taken[p], s.basis_learned[p] = s.numbers + 1, s.now, s.learned
    return p


@compiled
def begin(c: Any, r: Any, s: Any, again: bool) -> int:
    """Begin to make a plan; return its place if that takes no time, else `NONE`.

    Args:
        c: the scene.
        r: the settings.
        s: the episode.
        again: whether to repeat the full duration of the interrupted plan.
    """
    p = think(c, r, s)
    span = s.thought_span if again else time_of(r, s, at.THINK)
    if span == 0:
        s.thought = at.NONE
        return p
    s.thought, s.thought_begun, s.thought_span, s.thought_until = p, s.now, span, s.now + span
    if s.thought_until < s.rings:
        if s.rings < inf:
            s.alarm += 1
        ring_after(s, span)
    return at.NONE


@compiled
def ring_after(s: Any, span: float) -> None:
    """Set the alarm; its number distinguishes it from an outdated one."""
    s.thought_until = s.rings = s.now + span
    schedule(s, span, PLANNING, at.AWAKE, s.alarm)
