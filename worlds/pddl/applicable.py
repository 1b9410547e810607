"""An index that finds the actions applicable in a state without checking every action."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

MANY = 64
"""If more actions than this are filed under one fact, they are also filed under a second fact."""

Entry = tuple[int, int, int]
"""The index of an action, the facts it needs, and the facts it forbids."""


class Conditioned(Protocol):
    """Anything that applies if a condition holds."""

    @property
    def needs(self) -> int:
        """The facts that must hold."""
        ...

    @property
    def forbids(self) -> int:
        """The facts that must not hold."""
        ...


class Applicable:
    """The actions of a task, each filed under the rarest fact that it needs.

    In a given state, only the actions filed under facts that hold are checked.

    Args:
        actions: the actions, in order.

    >>> from plandrift.worlds.pddl.task import Kernel
    >>> found = Applicable([Kernel(needs=0b01, forbids=0b10), Kernel(0b10, 0), Kernel(0, 0)])
    >>> found.places(0b01), found.places(0b10)
    ([0, 2], [1, 2])
    """

    __slots__ = ("_always", "_groups", "_under", "_watched")

    def __init__(self, actions: Sequence[Conditioned]) -> None:
        users: dict[int, int] = {}
        for action in actions:
            for fact in _facts(action.needs):
                users[fact] = users.get(fact, 0) + 1
        self._always: list[Entry] = []
        self._under: dict[int, list[Entry]] = {}
        for place, action in enumerate(actions):
            entry = place, action.needs, action.forbids
            if action.needs:
                rarest = min(_facts(action.needs), key=lambda fact: (users[fact], fact))
                self._under.setdefault(rarest, []).append(entry)
            else:
                self._always.append(entry)
        self._watched = sum(self._under)
        # If there are many under one fact, they are also filed under the next rarest fact that they need.
        self._groups: dict[int, tuple[int, dict[int, list[Entry]]]] = {}
        for fact in [fact for fact, entries in self._under.items() if len(entries) > MANY]:
            groups: dict[int, list[Entry]] = {}
            for entry in self._under[fact]:
                others = _facts(entry[1] & ~fact) or [fact]
                groups.setdefault(min(others, key=lambda one: (users[one], one)), []).append(entry)
            self._groups[fact] = sum(groups), groups
            self._under[fact] = []

    def places(self, state: int) -> list[int]:
        """Return the indexes of the actions that apply in a state, in order."""
        found = [place for place, _, forbids in self._always if not state & forbids]
        under, left = self._under, state & self._watched
        while left:
            fact = left & -left
            left ^= fact
            found += [
                place
                for place, needs, forbids in under[fact]
                if state & needs == needs and not state & forbids
            ]
        for fact, (others, groups) in self._groups.items():
            left = others & state if state & fact else 0
            while left:
                other = left & -left
                left ^= other
                found += [
                    place
                    for place, needs, forbids in groups[other]
                    if state & needs == needs and not state & forbids
                ]
        found.sort()
        return found


def _facts(mask: int) -> list[int]:
    """Return the facts of a mask, each as a mask."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low)
        mask ^= low
    return found
