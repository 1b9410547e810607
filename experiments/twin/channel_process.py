"""The way from the world to the agent: `sim.engine.channel_process` in numbers."""

from __future__ import annotations

from typing import Any

from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.clock import NEWS, schedule, schedule_arrival
from plandrift.experiments.twin.compiled import compiled
from plandrift.experiments.twin.streams import draw, time_of


@compiled
def message(c: Any, s: Any, by: int, own: int) -> int:
    """Return an empty message, taken now."""
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
    """Put a fluent's value into a message, if it can be seen."""
    if r.visible[fluent]:
        i = m * c.fluents + s.size[m]
        s.read_fluent[i], s.read_value[i] = fluent, s.value[0, fluent]
        s.read_version[i] = s.version[0, fluent]
        s.size[m] += 1


@compiled
def drop(s: Any, m: int) -> None:
    """Free a message that has arrived or is lost."""
    s.next_free[m] = s.free
    s.free = m


@compiled
def _send(r: Any, s: Any, m: int) -> None:
    if r.loss and draw(s, at.LOSS) < r.loss:
        drop(s, m)
        return
    delay = time_of(r, s, at.LATENCY)
    if delay == 0:
        # The sender makes sure that it is handled before anything else.
        s.inbox[s.inbox_size] = m
        s.inbox_size += 1
    elif r.form[at.LATENCY]:
        schedule(s, delay, NEWS, at.OVERTAKE, m)
    else:
        if not s.queued:
            schedule_arrival(s, delay)
        s.arrives[m] = s.now + delay
        s.queue[(s.queue_first + s.queued) % at.MESSAGES] = m
        s.queued += 1


@compiled
def first_queued(s: Any) -> int:
    """Take the due message from the queue, and schedule the next one."""
    m = s.queue[s.queue_first]
    s.queue_first = (s.queue_first + 1) % at.MESSAGES
    s.queued -= 1
    if s.queued:
        schedule_arrival(s, s.arrives[s.queue[s.queue_first]] - s.now)
    return m


@compiled
def push(c: Any, r: Any, s: Any, fluent: int, own: int) -> None:
    """Send what was written, if every write is sent."""
    if r.sampling == at.PUSH and r.visible[fluent]:
        m = message(c, s, at.PUSH, own)
        tell(c, r, s, m, fluent)
        _send(r, s, m)


@compiled
def snapshot(c: Any, r: Any, s: Any, by: int) -> None:
    """Send everything that can be seen."""
    m = message(c, s, by, 0)
    for fluent in range(c.fluents):
        tell(c, r, s, m, fluent)
    _send(r, s, m)


@compiled
def poll(c: Any, r: Any, s: Any) -> None:
    """Send a due snapshot, and schedule the next one."""
    schedule(s, r.poll_every, NEWS, at.POLLED, 0)
    snapshot(c, r, s, at.POLL)


@compiled
def acted(c: Any, r: Any, s: Any) -> None:
    """Handle an answer: with on-action sampling a snapshot is taken with it."""
    if r.sampling == at.ON_ACTION:
        snapshot(c, r, s, at.ON_ACTION)
