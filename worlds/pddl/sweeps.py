"""Relaxed plans of large tasks: whole layers of operators at a time, by numpy.

The layers are those of the relaxed planning graph of FF (Hoffmann and Nebel 2001): an operator is of the
first layer in which all that it needs is there, and each action counts as one. Of the operators that make a
fact in its first layer the one whose needs were the cheapest (h_add) is its supporter. Each operator is
looked at once, so that a layer costs a few calls of numpy; small tasks are done sooner without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from plandrift.worlds.pddl.rows import Places, Rows


class Swept(NamedTuple):
    """What a relaxed task comes to from a state.

    Attributes:
        first: the operator that makes each fact, for those that one makes.
        applicable: whether each operator applies at once.
        reached: whether what was wanted is reached.
        layers: how many layers that took.
    """

    first: dict[int, int]
    applicable: npt.NDArray[np.bool_]
    reached: bool
    layers: int


class Sweeps:
    """The operators of a relaxed task as arrays.

    Args:
        needs: the facts that each operator needs.
        makes: the facts that each makes.
        costs: what each costs.
        numbers: how many facts there are.
    """

    def __init__(
        self,
        needs: Sequence[Sequence[int]],
        makes: Sequence[Sequence[int]],
        costs: Sequence[int],
        numbers: int,
    ) -> None:
        # One more fact that always holds, so that each operator needs one.
        self._numbers, always = numbers + 1, (numbers,)
        self._makes = Rows.of(makes)
        self._rests = Rows.of([facts or always for facts in needs])
        self._users = self._rests.turned(self._numbers)
        self._costs = np.array(costs, np.int64)

    def unpacked(self, mask: int) -> npt.NDArray[np.uint8]:
        """A mask of facts as an array of ones and zeros, with the one that always holds."""
        size = (self._numbers + 7) // 8
        packed = np.frombuffer((mask | 1 << self._numbers - 1).to_bytes(size, "little"), np.uint8)
        return np.unpackbits(packed, count=self._numbers, bitorder="little")

    def supporters(self, holding: int, missing: Sequence[int]) -> Swept:
        """The operators that make the facts first, up to the layer in which nothing is missing any more.

        Args:
            holding: the facts that hold, as a mask.
            missing: the facts that are wanted and do not hold.
        """
        unmet = self.unpacked(holding) ^ 1
        lacking = np.add.reduceat(unmet[self._rests.values], self._rests.starts, dtype=np.int64)
        applicable = lacking == 0
        if not missing:
            return Swept({}, applicable, reached=True, layers=0)
        absent = unmet.view(np.bool_)
        wanted = np.array(missing, np.intp)
        costs = np.where(absent, np.iinfo(np.int64).max, 0)
        first = np.full(self._numbers, -1, np.intp)
        made: list[Places] = []
        due = np.zeros(len(applicable), np.bool_)
        layer = np.flatnonzero(applicable)
        while True:
            facts, counts = self._makes.at(layer)
            makers = np.repeat(layer, counts)
            fresh = np.flatnonzero(absent[facts])
            if not len(fresh):
                return Swept({}, applicable, reached=False, layers=len(made))
            facts, makers = facts[fresh], makers[fresh]
            # Most operators make nothing that is new: what they need is never added up.
            rests, counts = self._rests.at(makers)
            reach = self._costs[makers] + np.add.reduceat(costs[rests], np.cumsum(counts) - counts)
            np.minimum.at(costs, facts, reach)
            best = np.flatnonzero(reach == costs[facts])
            facts, makers = facts[best], makers[best]
            # The first of those that are as cheap: the last one written stays.
            first[facts[::-1]] = makers[::-1]
            facts = facts[first[facts] == makers]
            absent[facts] = False
            made.append(facts)
            if not absent[wanted].any():
                every = np.concatenate(made)
                first_of = dict(zip(every.tolist(), first[every].tolist(), strict=True))
                return Swept(first_of, applicable, reached=True, layers=len(made))
            users, _ = self._users.at(facts)
            np.subtract.at(lacking, users, 1)
            due[users[lacking[users] == 0]] = True
            layer = np.flatnonzero(due)
            due[layer] = False
