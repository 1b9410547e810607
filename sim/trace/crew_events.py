"""The events of a trace that only a crew has: tasks, locks, turns, merges, and the queue for a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plandrift.sim.terms.calls import Value
from plandrift.sim.trace.events import Event


@dataclass(frozen=True, slots=True)
class CrewBegan(Event):
    """A crew began: the first event of its trace, followed by one `Started` for each agent.

    Attributes:
        agents: how many agents there are.
        coordination: how they coordinate.
        private: whether each works on a private copy of the world, so that its calls change nothing until it
            is merged.
        goals: the value that each goal fluent should hold.
    """

    kind = "crew"
    agents: int
    coordination: str
    private: bool
    goals: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class TaskTaken(Event):
    """An agent began a task, or began it again; it drops its plan.

    Attributes:
        task: the number of the task.
        goals: the value that each of the task's goal fluents should hold.
        again: why it begins again: ``merge conflict``, ``deadlock``, or empty for the first time.
    """

    kind = "task"
    task: int
    goals: Mapping[str, Value]
    again: str = ""


@dataclass(frozen=True, slots=True)
class TaskEnded(Event):
    """An agent was done with its task, or gave up.

    Attributes:
        task: the number of the task.
        how: ``done`` or ``gave-up``.
        met: whether its goals held.
    """

    kind = "task-ended"
    task: int
    how: str
    met: bool


@dataclass(frozen=True, slots=True)
class LockAsked(Event):
    """An agent asked for a lock that it has to wait for.

    Attributes:
        lock: the fluent, or ``a turn`` for what only one agent may do at a time.
        exclusive: whether nobody else may hold it at the same time.
    """

    kind = "lock-asked"
    lock: str
    exclusive: bool


@dataclass(frozen=True, slots=True)
class LockGranted(Event):
    """An agent got a lock.

    Attributes:
        lock: the fluent, or ``a turn``.
        exclusive: whether nobody else may hold it at the same time.
        waited: how long it waited; None if it got the lock at once.
    """

    kind = "lock-granted"
    lock: str
    exclusive: bool
    waited: float | None = None


@dataclass(frozen=True, slots=True)
class LockReleased(Event):
    """A lock was released.

    Attributes:
        lock: the fluent, or ``a turn``.
        why: ``released``, ``expired`` (its lease was over) or ``aborted``.
    """

    kind = "lock-released"
    lock: str
    why: str


@dataclass(frozen=True, slots=True)
class LockWithdrawn(Event):
    """An agent stopped waiting for a lock.

    Attributes:
        lock: the fluent, or ``a turn``.
        waited: how long it waited.
        why: ``aborted``, ``gave-up`` or ``horizon``.
    """

    kind = "lock-withdrawn"
    lock: str
    waited: float
    why: str


@dataclass(frozen=True, slots=True)
class Deadlock(Event):
    """Agents waited for each other in a cycle, and one of them, the `agent` of this event, was aborted.

    Attributes:
        cycle: the agents, each waiting for the next and the last for the first.
    """

    kind = "deadlock"
    cycle: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Undone(Event):
    """A write of an aborted agent was taken back.

    Attributes:
        fluent: its name.
        value: the value that it has again.
        version: how often it has been written.
    """

    kind = "undone"
    fluent: str
    value: Value
    version: int


@dataclass(frozen=True, slots=True)
class SlotGranted(Event):
    """An agent that had queued for a model got it and began to think, or stopped queueing.

    Attributes:
        waited: how long it queued.
        granted: whether it got the model.
    """

    kind = "slot"
    waited: float
    granted: bool = True


@dataclass(frozen=True, slots=True)
class Validated(Event):
    """A finished private copy was merged, or thrown away.

    Attributes:
        conflicts: the fluents that had changed since they were read; none if it was merged.
        writes: what was merged, in order: the value and version of each fluent; empty if nothing was.
    """

    kind = "validated"
    conflicts: tuple[str, ...]
    writes: tuple[tuple[str, Value, int], ...]


CREW_KINDS: dict[str, type[Event]] = {
    event.kind: event
    for event in (
        CrewBegan,
        TaskTaken,
        TaskEnded,
        LockAsked,
        LockGranted,
        LockReleased,
        LockWithdrawn,
        Deadlock,
        Undone,
        SlotGranted,
        Validated,
    )
}
"""Every kind of event that only a crew has, by its name in a file."""
