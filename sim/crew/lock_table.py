"""The lock table: who holds what, who waits for it, whose lease has expired, and who is in a deadlock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import simpy

from plandrift.sim.crew.clock import EXPIRY
from plandrift.sim.terms.clock import call_later
from plandrift.sim.trace.crew_events import LockAsked, LockGranted, LockReleased, LockWithdrawn
from plandrift.sim.trace.events import Event


@dataclass(slots=True, eq=False)
class Request:
    """An agent that waits for a lock.

    Attributes:
        agent: its number.
        lock: the name of the lock.
        exclusive: whether nobody else may hold it at the same time.
        since: when it began to wait.
    """

    agent: int
    lock: str
    exclusive: bool
    since: float


@dataclass(slots=True)
class Lock:
    """One lock.

    Attributes:
        holders: who holds it, each with a number that distinguishes this hold from a later one.
        exclusive: whether it is held exclusively, by its only holder.
        queue: who waits for it, in order.
    """

    holders: dict[int, object] = field(default_factory=dict)
    exclusive: bool = False
    queue: list[Request] = field(default_factory=list)


class LockTable:
    """The locks of a crew.

    It calls `tell` with each event, and `wake` with the number of an agent that has got its lock.
    """

    def __init__(
        self,
        clock: simpy.Environment,
        tell: Callable[[Event], None],
        wake: Callable[[int], None],
        lease: float | None = None,
    ) -> None:
        self._clock, self._tell, self._wake, self._lease = clock, tell, wake, lease
        self._locks: dict[str, Lock] = {}
        self._held: dict[int, dict[str, bool]] = {}
        self.waiting: dict[int, Request] = {}

    def held(self, agent: int) -> dict[str, bool]:
        """Return the locks that an agent holds, each with whether it holds it exclusively."""
        return self._held.setdefault(agent, {})

    def holds(self, agent: int, lock: str, exclusive: bool) -> bool:
        """Return whether an agent holds a lock in this mode or a stronger one."""
        return self.held(agent).get(lock, None) in ((True,) if exclusive else (True, False))

    def ask(self, agent: int, name: str, exclusive: bool) -> bool:
        """Ask for a lock that the agent does not hold in this mode; return False if it has to wait for it."""
        lock = self._locks.setdefault(name, Lock())
        request = Request(agent, name, exclusive, self._clock.now)
        upgrade = agent in lock.holders
        if self._free(lock, request) and (upgrade or not lock.queue):
            self._grant(lock, request, None)
            return True
        # Whoever already holds it must get it before anybody else can.
        lock.queue.insert(0 if upgrade else len(lock.queue), request)
        self.waiting[agent] = request
        self._tell(LockAsked(self._clock.now, name, exclusive, agent=agent))
        return False

    def withdraw(self, agent: int, why: str) -> None:
        """Stop an agent's waiting, if it waits."""
        request = self.waiting.pop(agent, None)
        if request is None:
            return
        lock, now = self._locks[request.lock], self._clock.now
        lock.queue.remove(request)
        self._tell(LockWithdrawn(now, request.lock, now - request.since, why, agent=agent))
        self._serve(lock)

    def release(self, agent: int, name: str, why: str = "released") -> None:
        """Release a lock that an agent holds."""
        lock = self._locks[name]
        del lock.holders[agent], self._held[agent][name]
        lock.exclusive = False
        self._tell(LockReleased(self._clock.now, name, why, agent=agent))
        self._serve(lock)

    def release_all(self, agent: int, why: str = "released") -> None:
        """Release every lock that an agent holds."""
        for name in list(self.held(agent)):
            self.release(agent, name, why)

    def cycle(self, agent: int) -> tuple[int, ...]:
        """Return a cycle of agents that wait for each other, beginning with this one; empty if none does."""
        came: dict[int, int] = {}
        todo = [agent]
        while todo:
            one = todo.pop()
            for other in self._blockers(one):
                if other == agent:
                    path = [one]
                    while path[-1] != agent:
                        path.append(came[path[-1]])
                    return tuple(reversed(path))
                if other not in came:
                    came[other] = one
                    todo.append(other)
        return ()

    def _blockers(self, agent: int) -> Iterator[int]:
        """Yield the agents that this one waits for."""
        request = self.waiting.get(agent)
        if request is None:
            return
        lock = self._locks[request.lock]
        if request.exclusive or lock.exclusive:
            yield from [holder for holder in lock.holders if holder != agent]
        for ahead in lock.queue:
            if ahead is request:
                return
            if request.exclusive or ahead.exclusive:
                yield ahead.agent

    def _free(self, lock: Lock, request: Request) -> bool:
        others = [holder for holder in lock.holders if holder != request.agent]
        return not others or not (request.exclusive or lock.exclusive)

    def _grant(self, lock: Lock, request: Request, waited: float | None) -> None:
        mark = object()
        lock.holders[request.agent] = mark
        lock.exclusive = request.exclusive
        self.held(request.agent)[request.lock] = request.exclusive
        now = self._clock.now
        self._tell(LockGranted(now, request.lock, request.exclusive, waited, agent=request.agent))
        if self._lease is not None:
            call_later(self._clock, self._lease, self._expire, (request, mark), EXPIRY)

    def _serve(self, lock: Lock) -> None:
        while lock.queue and self._free(lock, lock.queue[0]):
            request = lock.queue.pop(0)
            del self.waiting[request.agent]
            self._grant(lock, request, self._clock.now - request.since)
            self._wake(request.agent)

    def _expire(self, event: simpy.Event) -> None:
        request, mark = event._value
        if self._locks[request.lock].holders.get(request.agent) is mark:
            self.release(request.agent, request.lock, "expired")
