"""World and channel: `sim.engine.environment` and `sim.engine.channel_process` in numbers."""

from __future__ import annotations

from typing import Any

from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin import tracked
from plandrift.experiments.twin.clock import NEWS, WORLD, draw, schedule, time_of
from plandrift.experiments.twin.compiled import compiled, inlined
from plandrift.sim.descriptions.array_scene import COUNT, JUMP


@compiled
def message(c: Any, s: Any, by: int, own: int) -> int:
    """A message with nothing in it yet, taken now."""
    m = s.free
    if m != at.NONE:
        s.free = s.next_free[m]
    elif s.next_message < at.MESSAGES and (s.next_message + 1) * c.fluents <= at.READINGS:
        m = s.next_message
        s.next_message += 1
    else:
        s.ended = at.FULL
        m = 0
    s.taken[m], s.by[m], s.own[m], s.size[m] = s.now, by, own, 0
    return m


@compiled
def tell(c: Any, r: Any, s: Any, m: int, fluent: int) -> None:
    """Put what a fluent holds into a message, if it can be seen."""
    if r.visible[fluent]:
        i = m * c.fluents + s.size[m]
        s.read_fluent[i], s.read_value[i] = fluent, s.value[0, fluent]
        s.read_version[i] = s.version[0, fluent]
        s.size[m] += 1


@compiled
def drop(s: Any, m: int) -> None:
    """A message has arrived, or is lost: its room is free."""
    s.next_free[m] = s.free
    s.free = m


@compiled
def _send(r: Any, s: Any, m: int) -> None:
    if r.loss and draw(s, at.LOSS) < r.loss:
        drop(s, m)
        return
    delay = time_of(r, s, at.LATENCY)
    if delay == 0:
        # Who lets it be sent has it attended to before anything else.
        s.inbox[s.inbox_size] = m
        s.inbox_size += 1
    elif r.drawn[at.LATENCY]:
        schedule(s, delay, NEWS, at.OVERTAKE, m)
    else:
        if not s.queued:
            schedule(s, delay, NEWS, at.ARRIVE, 0)
        s.arrives[m] = s.now + delay
        s.queue[(s.queue_first + s.queued) % at.MESSAGES] = m
        s.queued += 1


@inlined
def first_queued(s: Any) -> int:
    """Take the message from the queue that is due, and let the next one come."""
    m = s.queue[s.queue_first]
    s.queue_first = (s.queue_first + 1) % at.MESSAGES
    s.queued -= 1
    if s.queued:
        schedule(s, s.arrives[s.queue[s.queue_first]] - s.now, NEWS, at.ARRIVE, 0)
    return m


@compiled
def _push(c: Any, r: Any, s: Any, fluent: int, own: int) -> None:
    if r.sampling == at.PUSH and r.visible[fluent]:
        m = message(c, s, at.PUSH, own)
        tell(c, r, s, m, fluent)
        _send(r, s, m)


@compiled
def snapshot(c: Any, r: Any, s: Any, by: int) -> None:
    """Send all that can be seen."""
    m = message(c, s, by, 0)
    for fluent in range(c.fluents):
        tell(c, r, s, m, fluent)
    _send(r, s, m)


@inlined
def poll(c: Any, r: Any, s: Any) -> None:
    """A snapshot is due, and the next one after the interval."""
    schedule(s, r.poll_every, NEWS, at.POLLED, 0)
    snapshot(c, r, s, at.POLL)


@inlined
def acted(c: Any, r: Any, s: Any) -> None:
    """An answer has come: with on-action sampling a snapshot is taken with it."""
    if r.sampling == at.ON_ACTION:
        snapshot(c, r, s, at.ON_ACTION)


@compiled
def await_change(s: Any) -> None:
    """Let the next exogenous change come, if there is one."""
    if s.next_change < s.changes_ready:
        schedule(s, s.change_time[s.next_change % at.CHANGES] - s.now, WORLD, at.CHANGE, 0)


@inlined
def change(c: Any, r: Any, s: Any) -> None:
    """The world changes a fluent by itself."""
    i = s.next_change % at.CHANGES
    fluent, mark = s.change_fluent[i], s.change_mark[i]
    s.next_change += 1
    rule, a = c.rule[fluent, 0], c.rule[fluent, 1]
    if rule == JUMP:
        value = (s.moved[fluent] + 1 + int(mark * (a - 1))) % a
    elif rule == COUNT:
        value = s.moved[fluent] + 1
    else:
        value = a if mark < 0.5 else c.rule[fluent, 2]
    s.moved[fluent] = value
    s.exogenous += 1
    tracked.rewritten(c, s, fluent, value)
    _push(c, r, s, fluent, 0)
    await_change(s)


@inlined
def answer(c: Any, r: Any, s: Any, silent: bool, refused: int) -> None:
    """Let the call under way reach the world: its `outcome`, and the needs that were violated.

    Where it carries needs that do not hold (`refused`) nothing is done.
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
    tracked.landed(c, s, s.outcome == at.EFFECTIVE)
    if s.outcome == at.EFFECTIVE:
        _push(c, r, s, c.writes[job], 1)


@inlined
def side_effect(c: Any, r: Any, s: Any, mark: float) -> None:
    """A call that has done its work changes one thing besides."""
    place = mark * c.sides
    fluent, values = c.side[int(place), 0], c.side[int(place), 1]
    value = (s.value[0, fluent] + 1 + int(place % 1 * (values - 1))) % values
    s.side_effects += 1
    s.besides[fluent] = s.version[0, fluent] + 1
    tracked.rewritten(c, s, fluent, value)
    _push(c, r, s, fluent, 0)
