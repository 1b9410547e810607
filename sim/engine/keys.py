"""Idempotency keys: the world remembers calls that carried one, so that none does its work twice."""

from __future__ import annotations

from typing import NamedTuple

from plandrift.sim.terms.fluents import Reading


class ToldReadings(NamedTuple):
    """What an answer tells the caller about the world's fluents.

    Attributes:
        taken: when that was true.
        readings: the reported writes of the call or, in a refusal that hands values back, the current values
            of what the call depends on.
    """

    taken: float
    readings: tuple[Reading, ...]


class Keys:
    """The keys that calls have carried, each issued once and remembered for the whole episode."""

    __slots__ = ("_answers", "_given")

    def __init__(self) -> None:
        self._given = 0
        self._answers: dict[int, ToldReadings] = {}

    def fresh(self) -> int:
        """Return a key that no call has carried."""
        self._given += 1
        return self._given

    def remember(self, key: int, answer: ToldReadings) -> None:
        """Keep the answer to the call with this key, which has done its work."""
        self._answers[key] = answer

    def answer(self, key: int | None) -> ToldReadings | None:
        """Return the first answer to the call with this key; None if it is new, or there is no key."""
        return None if key is None else self._answers.get(key)
