"""The random streams of a crew: each agent's own, and times that depend on the task, not on who does it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from plandrift.sim.settings.distribution import Distribution
from plandrift.sim.terms.streams import Streams

if TYPE_CHECKING:
    import numpy as np


class SeatStreams(Streams):
    """The streams of one agent. Agent 0 has the same streams as an agent alone."""

    __slots__ = ("_number",)

    def __init__(self, seed: int, number: int) -> None:
        super().__init__(seed)
        self._number = number

    def __getitem__(self, purpose: str) -> np.random.Generator:
        """Return this agent's stream for the purpose."""
        return super().__getitem__(f"{purpose}@{self._number}" if self._number else purpose)


class KeyedTimes:
    """Random times of one kind, drawn by task and work, so that a crew and one agent alone get the same.

    >>> times = KeyedTimes(7, "agent.step_duration", Distribution.parse("exponential(1)"))
    >>> again = KeyedTimes(7, "agent.step_duration", Distribution.parse("exponential(1)"))
    >>> _ = again.next(1, "b")
    >>> times.next(0, "a") == again.next(0, "a"), times.next(0, "a") == again.next(0, "b")
    (True, False)
    """

    __slots__ = ("_attempts", "_distribution", "_fixed", "_purpose", "_seed")

    def __init__(self, seed: int, purpose: str, distribution: Distribution) -> None:
        self._seed, self._purpose = seed, crc32(purpose.encode())
        self._distribution, self._fixed = distribution, distribution.fixed
        self._attempts: dict[tuple[int, str], int] = {}

    def next(self, task: int, work: str) -> float:
        """Return the time for the next attempt at this work of a task."""
        if self._fixed is not None:
            return self._fixed
        import numpy as np

        attempt = self._attempts[task, work] = self._attempts.get((task, work), 0) + 1
        key = (self._purpose, task, crc32(work.encode()), attempt)
        stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(self._seed, spawn_key=key)))
        return self._distribution.block(stream, 1)[0]
