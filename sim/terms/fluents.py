"""Fluents: the truth kept by the world, the belief held by an agent, and messages between the two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from plandrift.sim.terms.calls import Value


class Reading(NamedTuple):
    """A reading of one fluent: its value and version at the time it was read from the world."""

    fluent: str
    value: Value
    version: int


class Message(NamedTuple):
    """A message to the belief, stamped with the time at which its readings were taken.

    Attributes:
        number: its serial number in the episode.
        taken: when its content was true in the world.
        readings: its content.
        by: ``push``, ``poll``, ``on-action``, ``acknowledgment`` or ``read``.
        own: whether it reports one of the agent's own writes.
    """

    number: int
    taken: float
    readings: tuple[Reading, ...]
    by: str
    own: bool = False


class Fluents:
    """The value, version and time of every fluent.

    Attributes:
        values: the value of each fluent.
        versions: how often each fluent has been written.
        times: in the truth, when each fluent was last written; in a belief, when the value was true.
    """

    __slots__ = ("times", "values", "versions")

    def __init__(self, values: Mapping[str, Value]) -> None:
        self.values = dict(values)
        self.versions = dict.fromkeys(values, 0)
        self.times = dict.fromkeys(values, 0.0)

    def unmet(self, goals: Mapping[str, Value]) -> int:
        """Return how many of the goals do not hold."""
        values = self.values
        return sum([values[fluent] != wanted for fluent, wanted in goals.items()])


class Writer(NamedTuple):
    """The author of a write.

    Attributes:
        agent: the number of the agent; `EXOGENOUS` has its own number for the world.
        planned: whether the agent's call was meant to write the fluent; False for a side effect.
    """

    agent: int
    planned: bool


EXOGENOUS = Writer(-1, False)
"""The world itself, as the author of exogenous changes."""

Move = tuple[Writer, int]
"""A write that changed a fluent's value: its author, and the version that resulted."""


class Watcher(Protocol):
    """Something that measures over time and must hear of writes by others."""

    @property
    def writer(self) -> Writer:
        """The author of its own agent's planned writes."""
        ...

    def before_write(self, fluent: str, value: Value) -> None:
        """Record that somebody else is about to write this value."""
        ...


class Truth(Fluents):
    """The real value of every fluent. It knows no plans; whoever tracks a plan registers as a watcher.

    Attributes:
        left: when a fluent last stopped holding a value, by fluent and value.
        moves: for each fluent whose value has changed, the write that gave it its present value.
        exogenous: how many exogenous writes there have been.
        watchers: told of each write before it is made, except the planned writes of their own agent.

    >>> truth = Truth({"door": "open"})
    >>> truth.write("door", "shut", 2.0, EXOGENOUS), truth.left["door", "open"]
    (Reading(fluent='door', value='shut', version=1), 2.0)
    """

    __slots__ = ("exogenous", "left", "moves", "watchers")

    def __init__(self, values: Mapping[str, Value]) -> None:
        super().__init__(values)
        self.left: dict[tuple[str, Value], float] = {}
        self.moves: dict[str, Move] = {}
        self.watchers: list[Watcher] = []
        self.exogenous = 0

    def write(self, fluent: str, value: Value, time: float, writer: Writer) -> Reading:
        """Write a fluent and return a reading of it."""
        for watcher in self.watchers:
            if watcher.writer is not writer:
                watcher.before_write(fluent, value)
        before = self.values[fluent]
        version = self.versions[fluent] = self.versions[fluent] + 1
        if before != value:
            self.left[fluent, before] = time
            self.moves[fluent] = (writer, version)
        self.values[fluent] = value
        self.times[fluent] = time
        if writer is EXOGENOUS:
            self.exogenous += 1
        return Reading(fluent, value, version)

    def read(self, fluents: Iterable[str]) -> tuple[Reading, ...]:
        """Return readings of these fluents as they are now."""
        values, versions = self.values, self.versions
        return tuple([Reading(f, values[f], versions[f]) for f in fluents])


class Belief(Fluents):
    """What an agent last heard of each fluent, with the number of goals that are still open.

    Attributes:
        goals: the value that each goal fluent should hold.
        open: how many goals do not hold according to the belief.
        heard: the stamp of the newest observation.
        latest: the newest stamp of any fluent.
        changes: how often a believed value or version has changed, or an answer has arrived.

    >>> belief = Belief({"door": "open"}, {"door": "shut"})
    >>> belief.hear(2.0, Reading("door", "shut", 1)), belief.hear(1.0, Reading("door", "ajar", 2))
    (True, False)
    >>> belief.values["door"], belief.open
    ('shut', 0)
    """

    __slots__ = ("changes", "goals", "heard", "latest", "open")

    def __init__(self, values: Mapping[str, Value], goals: Mapping[str, Value]) -> None:
        super().__init__(values)
        self.goals = goals
        self.open = self.unmet(goals)
        self.heard = self.latest = 0.0
        self.changes = 0

    def aim(self, goals: Mapping[str, Value]) -> None:
        """Take other goals."""
        self.goals = goals
        self.open = self.unmet(goals)

    def hear(self, stamp: float, reading: Reading) -> bool:
        """Accept a reading unless something newer is known; return True if the value or version changed.

        An older stamp never overwrites a newer one; between two readings with the same stamp the later
        version wins.
        """
        fluent, value, version = reading
        held, before = self.times[fluent], self.versions[fluent]
        if stamp < held or (stamp == held and version < before):
            return False
        if stamp > self.latest:
            self.latest = stamp
        self.times[fluent] = stamp
        was = self.values[fluent]
        if version == before and value == was:
            return False
        if fluent in self.goals:
            wanted = self.goals[fluent]
            self.open += (value != wanted) - (was != wanted)
        self.values[fluent] = value
        self.versions[fluent] = version
        self.changes += 1
        return True
