"""The clock: events by time, then by rank, then in the order in which they were scheduled, as in SimPy."""

from __future__ import annotations

from typing import Any

from numpy import inf

from plandrift.experiments.twin import layout as at
from plandrift.experiments.twin.compiled import compiled
from plandrift.sim.terms.clock import ACTING as _ACTING
from plandrift.sim.terms.clock import NEWS as _NEWS
from plandrift.sim.terms.clock import PLANNING as _PLANNING
from plandrift.sim.terms.clock import WORLD as _WORLD

WORLD, NEWS, PLANNING, ACTING = int(_WORLD), int(_NEWS), int(_PLANNING), int(_ACTING)
"""The order of simultaneous events is the engine's own."""


@compiled
def _put(s: Any, i: int, due: float, rank: int, order: int, what: int, which: int) -> None:
    s.due[i], s.rank[i], s.order[i], s.what[i], s.which[i] = due, rank, order, what, which


@compiled
def _move(s: Any, i: int, j: int) -> None:
    s.due[i], s.rank[i], s.order[i], s.what[i], s.which[i] = (
        s.due[j],
        s.rank[j],
        s.order[j],
        s.what[j],
        s.which[j],
    )


@compiled
def _before(s: Any, i: int, due: float, rank: int, order: int) -> bool:
    """Say whether the event at a position comes before another."""
    if s.due[i] != due:
        return s.due[i] < due
    if s.rank[i] != rank:
        return s.rank[i] < rank
    return s.order[i] < order


@compiled
def schedule(s: Any, delay: float, rank: int, what: int, which: int) -> None:
    """Schedule something after a delay."""
    if s.waiting >= at.WAITING:
        s.ended = at.FULL
        return
    due, order, i = s.now + delay, s.number, s.waiting
    s.number += 1
    s.waiting += 1
    while i > 0 and not _before(s, (i - 1) // 2, due, rank, order):
        _move(s, i, (i - 1) // 2)
        i = (i - 1) // 2
    _put(s, i, due, rank, order, what, which)


@compiled
def schedule_change(s: Any, delay: float) -> None:
    """Schedule the world's next change: there is one at a time, and most events are such."""
    s.change_due, s.change_order = s.now + delay, s.number
    s.number += 1


@compiled
def schedule_arrival(s: Any, delay: float) -> None:
    """Schedule the arrival of the first message in the queue."""
    s.arrival_due, s.arrival_order = s.now + delay, s.number
    s.number += 1


@compiled
def next_event(s: Any) -> tuple[int, int]:
    """Take the next event, and advance the clock to its time."""
    s.events += 1
    if s.arrival_due < s.change_due:
        if not _before(s, 0, s.arrival_due, NEWS, s.arrival_order):
            s.now, s.arrival_due = s.arrival_due, inf
            return at.ARRIVE, 0
    elif not _before(s, 0, s.change_due, WORLD, s.change_order):
        s.now, s.change_due = s.change_due, inf
        return at.CHANGE, 0
    s.now, what, which = s.due[0], s.what[0], s.which[0]
    last = s.waiting = s.waiting - 1
    due, rank, order = s.due[last], s.rank[last], s.order[last]
    i, child = 0, 1
    while child < last:
        if child + 1 < last and _before(s, child + 1, s.due[child], s.rank[child], s.order[child]):
            child += 1
        if not _before(s, child, due, rank, order):
            break
        _move(s, i, child)
        i, child = child, 2 * child + 1
    _put(s, i, due, rank, order, s.what[last], s.which[last])
    return what, which
