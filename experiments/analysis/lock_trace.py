"""The state of the locks when an agent of a crew asked for one, from a trace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from plandrift.sim import Event
from plandrift.sim.trace.crew_events import LockAsked, LockGranted, LockReleased, LockWithdrawn


class EntryAsked(NamedTuple):
    """A shared entry of a ledger that an agent asked to lock.

    Attributes:
        time: when it asked.
        own: how many entries it held.
        by_fellows: how many entries others held.
        by_waiting: how many of those were held by agents that waited for it, directly or through others.
    """

    time: float
    own: int
    by_fellows: int
    by_waiting: int


def asked(trace: Iterable[Event]) -> Iterator[EntryAsked]:
    """Yield every request for an entry; locks of a task's own progress are left out."""
    held: dict[int, set[str]] = {}
    waits: dict[int, str] = {}
    for event in trace:
        if not isinstance(event, (LockAsked, LockGranted, LockReleased, LockWithdrawn)):
            continue
        if not event.lock.startswith("entry-"):
            continue
        mine = held.setdefault(event.agent, set())
        if isinstance(event, LockAsked) or (isinstance(event, LockGranted) and event.waited is None):
            fellows = sum([len(locks) for locks in held.values()]) - len(mine)
            behind = sum([len(held[one]) for one in _behind(event.agent, held, waits)])
            yield EntryAsked(event.t, len(mine), fellows, behind)
        if isinstance(event, LockAsked):
            waits[event.agent] = event.lock
        elif isinstance(event, LockGranted):
            mine.add(event.lock)
            waits.pop(event.agent, None)
        elif isinstance(event, LockReleased):
            mine.discard(event.lock)
        else:
            waits.pop(event.agent, None)


def _behind(agent: int, held: Mapping[int, set[str]], waits: Mapping[int, str]) -> set[int]:
    """Return the agents that wait for this one, directly or through others."""
    found = {agent}
    while True:
        more = {one for one, lock in waits.items() if any(lock in held.get(other, ()) for other in found)}
        if more <= found:
            return found - {agent}
        found |= more
