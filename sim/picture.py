"""A picture of the fluents: the truth that the world keeps, and the belief that an agent holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sim.plan import Value


class Reading(NamedTuple):
    """One fluent as it was taken from the world: its value and its version then."""

    fluent: str
    value: Value
    version: int


class Picture:
    """The value, the version and the time of each fluent, and how many of the goals hold.

    Attributes:
        values: what each fluent holds.
        versions: how often each fluent had been written.
        times: for the truth, when each was last written; for a belief, when what it holds was true.
        unmet: how many goals do not hold.
        heard: for a belief, the stamp of its newest observation.
    """

    __slots__ = ("goals", "heard", "times", "unmet", "values", "versions")

    def __init__(self, values: Mapping[str, Value], goals: Mapping[str, Value]) -> None:
        self.values = dict(values)
        self.versions = dict.fromkeys(values, 0)
        self.times = dict.fromkeys(values, 0.0)
        self.goals = goals
        self.unmet = sum(values[fluent] != wanted for fluent, wanted in goals.items())
        self.heard = 0.0

    def hold(self, fluent: str, value: Value, version: int, time: float) -> None:
        """Take in a value of one fluent."""
        if fluent in self.goals:
            wanted = self.goals[fluent]
            self.unmet += (value != wanted) - (self.values[fluent] != wanted)
        self.values[fluent] = value
        self.versions[fluent] = version
        self.times[fluent] = time

    def hear(self, stamp: float, reading: Reading) -> bool:
        """Believe a reading unless something newer is known. True if it changed value or version.

        An older stamp never overwrites a newer one; of two readings with one stamp the later version wins.
        """
        fluent, value, version = reading
        held = self.times[fluent]
        if stamp < held or (stamp == held and version < self.versions[fluent]):
            return False
        if version == self.versions[fluent] and value == self.values[fluent]:
            self.times[fluent] = stamp
            return False
        self.hold(fluent, value, version, stamp)
        return True

    def read(self, fluents: Iterable[str]) -> tuple[Reading, ...]:
        """What the picture holds of these fluents now."""
        values, versions = self.values, self.versions
        return tuple(Reading(f, values[f], versions[f]) for f in fluents)
