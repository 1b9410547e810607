"""The state of the fluents: the truth that the world keeps, and the belief that an agent holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from plandrift.sim.terms.calls import Value


class Reading(NamedTuple):
    """One fluent as it was read from the world: its value and its version then."""

    fluent: str
    value: Value
    version: int


class FluentState:
    """The value, the version and the time of each fluent, and how many of the goals hold.

    Attributes:
        values: what each fluent holds.
        versions: how often each fluent had been written.
        times: for the truth, when each was last written; for a belief, when what it holds was true.
        goals: the value that each goal fluent is to hold.
        unmet: how many goals do not hold.
        heard: for a belief, the stamp of its newest observation.
        latest: for a belief, the newest stamp of any fluent.
        left: for the truth, when a fluent last ceased to hold a value, by fluent and value.
        changes: how often a value or version has changed; for a belief, or an answer has come.

    >>> belief = FluentState({"door": "open"}, {})
    >>> belief.hear(2.0, Reading("door", "shut", 1)), belief.hear(1.0, Reading("door", "ajar", 2))
    (True, False)
    >>> belief.values["door"]
    'shut'
    """

    __slots__ = ("changes", "goals", "heard", "latest", "left", "times", "unmet", "values", "versions")

    def __init__(self, values: Mapping[str, Value], goals: Mapping[str, Value]) -> None:
        self.values = dict(values)
        self.versions = dict.fromkeys(values, 0)
        self.times = dict.fromkeys(values, 0.0)
        self.goals = goals
        self.unmet: int = sum(values[fluent] != wanted for fluent, wanted in goals.items())
        self.heard = self.latest = 0.0
        self.left: dict[tuple[str, Value], float] = {}
        self.changes = 0

    def hold(self, fluent: str, value: Value, version: int, time: float) -> None:
        """Let a fluent hold a value from now on."""
        if fluent in self.goals:
            wanted = self.goals[fluent]
            self.unmet += (value != wanted) - (self.values[fluent] != wanted)
        self.values[fluent] = value
        self.versions[fluent] = version
        self.times[fluent] = time
        self.changes += 1

    def write(self, fluent: str, value: Value, time: float) -> Reading:
        """Write a fluent of the truth. Returns what it holds now."""
        before = self.values[fluent]
        if before != value:
            self.left[fluent, before] = time
        version = self.versions[fluent] + 1
        self.hold(fluent, value, version, time)
        return Reading(fluent, value, version)

    def hear(self, stamp: float, reading: Reading) -> bool:
        """Believe a reading unless something newer is known. True if it changed value or version.

        An older stamp never overwrites a newer one; of two readings with one stamp the later version wins.
        """
        fluent, value, version = reading
        held = self.times[fluent]
        if stamp < held or (stamp == held and version < self.versions[fluent]):
            return False
        if stamp > self.latest:
            self.latest = stamp
        if version == self.versions[fluent] and value == self.values[fluent]:
            self.times[fluent] = stamp
            return False
        self.hold(fluent, value, version, stamp)
        return True

    def read(self, fluents: Iterable[str]) -> tuple[Reading, ...]:
        """What these fluents hold now."""
        values, versions = self.values, self.versions
        return tuple(Reading(f, values[f], versions[f]) for f in fluents)
