"""The world: `sim.engine.environment` in numbers."""

from __future__ import annotations

from typing import Any

from plandrift.experiments.twin import channel_process, exogenous, tracked_plan
from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.clock import schedule_change
from plandrift.experiments.twin.compiled import compiled
from plandrift.sim.companions.array_scene import COUNT, JUMP


@compiled
def await_change(s: Any) -> None:
    """Schedule the next exogenous change, if there is one."""
    if s.change_rate > 0:
        schedule_change(s, exogenous.next_time(s) - s.now)


@compiled
def change(c: Any, r: Any, s: Any) -> None:
    """Let the world change a fluent by itself."""
    fluent, mark = exogenous.take(c, s)
    rule, a = c.rule[fluent, 0], c.rule[fluent, 1]
    value = s.moved[fluent] + 1
    if rule == JUMP:
        value += int(mark * (a - 1))
        value -= a if value >= a else 0
    elif rule != COUNT:
        value = a if mark < 0.5 else c.rule[fluent, 2]
    s.moved[fluent] = value
    s.exogenous += 1
    tracked_plan.rewritten(c, s, fluent, value, at.OTHER)
    channel_process.push(c, r, s, fluent, 0)
    await_change(s)


@compiled
def answer(c: Any, r: Any, s: Any, silent: bool, refused: int) -> None:
    """Let the call under way reach the world, and set its `outcome` and the violated needs.

    If it carries needs that do not hold (`refused`), nothing is done.
    """
    job = s.bound_job
    s.violated_mask, worst = 0, at.VOID
    for need in range(c.needs[job]):
        if s.value[0, c.fluent[job, need]] != s.call_reads[need]:
            s.violated_mask |= 1 << need
            worst = max(worst, c.nature[job, need])
    if refused:
        s.outcome, s.violated_mask = at.REFUSED, refused
    else:
        if s.value[0, c.writes[job]] == c.done[job]:
            s.outcome = at.HARMFUL if worst == at.HARMFUL else at.REPEAT
        elif not s.violated_mask:
            s.outcome = at.EFFECTIVE
        elif worst == at.HARMFUL:
            s.outcome = at.HARMFUL
        else:
            s.outcome = at.VOID if worst == at.VOID else at.REJECTED
        if silent:
            s.outcome = at.VOID
    tracked_plan.landed(c, s, s.outcome == at.EFFECTIVE)
    if s.outcome == at.EFFECTIVE:
        channel_process.push(c, r, s, c.writes[job], 1)


@compiled
def side_effect(c: Any, r: Any, s: Any, mark: float) -> None:
    """Let a call that has done its work change one other thing as a side effect."""
    place = mark * c.sides
    fluent, values = c.side[int(place), 0], c.side[int(place), 1]
    value = (s.value[0, fluent] + 1 + int(place % 1 * (values - 1))) % values
    s.side_effects += 1
    tracked_plan.rewritten(c, s, fluent, value, at.BESIDES)
    channel_process.push(c, r, s, fluent, 0)
