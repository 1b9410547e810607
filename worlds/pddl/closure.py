"""The facts derived by many mutually dependent rules, computed with numpy one layer of rules at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plandrift.worlds.pddl.places import bits
from plandrift.worlds.pddl.rows import Rows


class Closure:
    """A set of rules, none of which negates a fact that another derives.

    Args:
        rules: for each rule, masks of its head, of the facts it needs, and of the facts it forbids.
    """

    def __init__(self, rules: Sequence[tuple[int, int, int]]) -> None:
        every = 0
        for head, needs, forbids in rules:
            every |= head | needs | forbids
        self._every, self._width = every, every.bit_length()
        # A negated fact is an additional fact, numbered after all others; the last fact always holds.
        always = [2 * self._width]
        self._rests = Rows.of(
            [
                bits(needs) + [self._width + place for place in bits(forbids)] or always
                for _, needs, forbids in rules
            ]
        )
        self._users = self._rests.turned(2 * self._width + 1)
        self._heads = np.array([head.bit_length() - 1 for head, _, _ in rules], np.intp)

    def closed(self, state: int) -> int:
        """Return a state with the facts that the rules derive in it."""
        size = (self._width + 7) // 8
        packed = np.frombuffer((state & self._every).to_bytes(size, "little"), np.uint8)
        held = np.unpackbits(packed, count=self._width, bitorder="little")
        missing = np.concatenate((held ^ 1, held, np.zeros(1, np.uint8)))
        lacking = np.add.reduceat(missing[self._rests.values], self._rests.starts, dtype=np.int64)
        given = np.zeros(self._width, np.bool_)
        layer = np.flatnonzero(lacking == 0)
        while True:
            heads = self._heads[layer]
            heads = np.unique(heads[missing[heads] == 1])
            if not len(heads):
                break
            given[heads] = True
            missing[heads] = 0
            users, _ = self._users.at(heads)
            np.subtract.at(lacking, users, 1)
            layer = users[lacking[users] == 0]
        return state | int.from_bytes(np.packbits(given, bitorder="little").tobytes(), "little")
