"""The truth that a crew shares, and the private copies on which agents of a merge queue work."""

from __future__ import annotations

from collections.abc import Mapping

from plandrift.sim.terms.calls import Value
from plandrift.sim.terms.fluents import Reading, Truth, Writer

MAIN = Writer(-2, False)
"""The author of the writes that undo a private copy's when the copy is thrown away."""


class SharedTruth(Truth):
    """The real value of every fluent, with who wrote it last and who ended each value that it had.

    Attributes:
        writers: the author of each fluent's last write.
        enders: whose write ended a fluent's value, by fluent and value.
        copies: the private copies that follow it.
    """

    __slots__ = ("copies", "enders", "writers")

    def __init__(self, values: Mapping[str, Value]) -> None:
        super().__init__(values)
        self.writers: dict[str, Writer] = {}
        self.enders: dict[tuple[str, Value], Writer] = {}
        self.copies: list[PrivateCopy] = []

    def write(self, fluent: str, value: Value, time: float, writer: Writer) -> Reading:
        """Write a fluent and return a reading of it."""
        before = self.values[fluent]
        reading = super().write(fluent, value, time, writer)
        self.writers[fluent] = writer
        if before != value:
            self.enders[fluent, before] = writer
        for copy in self.copies:
            copy.follow(reading, time, writer)
        return reading


class PrivateCopy(SharedTruth):
    """The truth as one agent of a merge queue will leave it: the shared one, with its own writes on top.

    Attributes:
        main: the shared truth.
        base: what the agent sees: the state at which it began, with its own writes on top.
        log: its own writes, in order.
        rests_on: the version of each fluent, not written by itself, that its steps have required.
    """

    __slots__ = ("_moved", "base", "log", "main", "rests_on")

    def __init__(self, main: SharedTruth) -> None:
        super().__init__(main.values)
        self.main, self.base = main, Truth(main.values)
        self.log: list[tuple[str, Value]] = []
        self.rests_on: dict[str, int] = {}
        # The fluents of which `base` may be out of date.
        self._moved: dict[str, None] = {}
        main.copies.append(self)

    def write(self, fluent: str, value: Value, time: float, writer: Writer) -> Reading:
        """Write a fluent in this copy only, and return a reading of it."""
        self.log.append((fluent, value))
        self.base.write(fluent, value, time, writer)
        reading = super().write(fluent, value, time, writer)
        # The agent's view of its own write and the future shared truth have the same version.
        self.base.versions[fluent] = reading.version
        return reading

    def follow(self, reading: Reading, time: float, writer: Writer) -> None:
        """Take over a write in the shared truth, unless this copy has written the fluent itself."""
        self._moved[reading.fluent] = None
        if any(reading.fluent == fluent for fluent, _ in self.log):
            return
        super().write(reading.fluent, reading.value, time, writer)
        self.versions[reading.fluent] = reading.version

    def refresh(self) -> list[Reading]:
        """Begin anew from the shared truth; return readings of what has changed since the last time."""
        main, base = self.main, self.base
        stale = [fluent for fluent in self._moved if base.versions[fluent] != main.versions[fluent]]
        self._moved = {}
        for fluent in stale:
            base.values[fluent], base.versions[fluent] = main.values[fluent], main.versions[fluent]
        return list(main.read(stale))

    def conflicts(self) -> tuple[str, ...]:
        """Return the fluents that have been written since its steps required them."""
        versions = self.main.versions
        return tuple([f for f, version in self.rests_on.items() if versions[f] != version])

    def take(self) -> list[tuple[str, Value]]:
        """Return its own writes, and forget them: the caller writes them to the shared truth."""
        log, self.log, self.rests_on = self.log, [], {}
        return log

    def throw_away(self, time: float) -> None:
        """Take its own writes back."""
        for fluent in dict.fromkeys([fluent for fluent, _ in self.take()]):
            super().write(fluent, self.main.values[fluent], time, MAIN)
            self.versions[fluent] = self.main.versions[fluent]
            # So that `refresh` reports it, whatever the two versions are.
            self.base.versions[fluent], self._moved[fluent] = -1, None
