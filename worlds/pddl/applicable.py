"""An index that finds the actions applicable in a state without checking every action."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from plandrift.worlds.pddl.places import bits

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

    __slots__ = ("_always", "_under", "_watched")

    def __init__(self, actions: Sequence[Conditioned]) -> None:
        users: dict[int, int] = {}
        for action in actions:
            for fact in bits(action.needs):
                users[fact] = users.get(fact, 0) + 1
        self._always: list[Entry] = []
        self._under: dict[int, list[Entry]] = {}
        for place, action in enumerate(actions):
            entry = place, action.needs, action.forbids
            if action.needs:
                rarest = min(bits(action.needs), key=lambda fact: (users[fact], fact))
                self._under.setdefault(1 << rarest, []).append(entry)
            else:
                self._always.append(entry)
        self._watched = sum(self._under)

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
        found.sort()
        return found
