"""The fluents: the truth that the world keeps, the belief that an agent holds, and news on its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from plandrift.sim.terms.calls import Value


class Reading(NamedTuple):
    """One fluent as it was read from the world: its value and its version then."""

    fluent: str
    value: Value
    version: int


class Message(NamedTuple):
    """News under way, stamped with the time at which it was taken.

    Attributes:
        number: counts the messages of an episode.
        taken: when it was true in the world.
        readings: what it tells.
        by: ``push``, ``poll``, ``on-action``, ``acknowledgment`` or ``read``.
        own: whether it tells of a write of the agent's own.
    """

    number: int
    taken: float
    readings: tuple[Reading, ...]
    by: str
    own: bool = False


class Fluents:
    """The value, the version and the time of each fluent.

    Attributes:
        values: what each fluent holds.
        versions: how often each fluent had been written.
        times: for the truth, when each was last written; for a belief, when what it holds was true.
    """

    __slots__ = ("times", "values", "versions")

    def __init__(self, values: Mapping[str, Value]) -> None:
        self.values = dict(values)
        self.versions = dict.fromkeys(values, 0)
        self.times = dict.fromkeys(values, 0.0)

    def unmet(self, goals: Mapping[str, Value]) -> int:
        """How many of the goals do not hold."""
        values = self.values
        return sum([values[fluent] != wanted for fluent, wanted in goals.items()])


class Writer(NamedTuple):
    """Who writes a fluent.

    Attributes:
        agent: the number of the agent, that of `EXOGENOUS` for the world by itself.
        planned: whether the agent's call was to write it; a side effect of a call is not planned.
    """

    agent: int
    planned: bool


EXOGENOUS = Writer(-1, False)
"""The world, which changes fluents by itself."""

Move = tuple[Writer, int]
"""A write that changed the value of a fluent: by whom, and which version it made."""


class Watcher(Protocol):
    """Whoever measures something over time that a write of somebody else changes."""

    @property
    def writer(self) -> Writer:
        """As whom its own agent writes what it plans to."""
        ...

    def before_write(self, fluent: str, value: Value) -> None:
        """Somebody else is about to write this value."""
        ...


class Truth(Fluents):
    """What every fluent really holds. It is nobody's plan: whoever tracks one watches it.

    Attributes:
        left: when a fluent last ceased to hold a value, by fluent and value.
        moves: what gave a fluent the value that it holds, of those whose value has changed.
        exogenous: how often the world has written one by itself.
        watchers: are told of each write before it is made, but for those of their own agent's plan.

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
        """Write a fluent. Returns what it holds now."""
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
        """What these fluents hold now."""
        values, versions = self.values, self.versions
        return tuple([Reading(f, values[f], versions[f]) for f in fluents])


class Belief(Fluents):
    """What an agent last heard of each fluent, and how many of its goals that meets.

    Attributes:
        goals: the value that each goal fluent is to hold.
        open: how many goals do not hold, as it believes.
        heard: the stamp of its newest observation.
        latest: the newest stamp of any fluent.
        changes: how often a value or version has changed, or an answer has come.

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

    def hear(self, stamp: float, reading: Reading) -> bool:
        """Believe a reading unless something newer is known. True if it changed value or version.

        An older stamp never overwrites a newer one; of two readings with one stamp the later version wins.
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
