"""Relaxed plans of large tasks, computed with numpy in whole layers of operators at a time.

The layers are those of FF's relaxed planning graph (Hoffmann and Nebel 2001): an operator belongs to the
first layer in which all its needs hold, and each action costs 1. Among the operators that produce a fact in
its first layer, the one with the cheapest needs (h_add) becomes its supporter. Each operator is processed
once, so a layer costs a few numpy calls; small tasks are faster without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from plandrift.worlds.pddl.rows import Places, Rows


class Swept(NamedTuple):
    """The result of a relaxed computation from a state.

    Attributes:
        first: the operator that produces each fact, for the facts that have one.
        applicable: whether each operator applies at once.
        reached: whether all wanted facts are reached.
        layers: the number of layers it took.
    """

    first: dict[int, int]
    applicable: npt.NDArray[np.bool_]
    reached: bool
    layers: int


class Sweeps:
    """The operators of a relaxed task as arrays.

    Args:
        needs: the facts that each operator needs.
        makes: the facts that each operator produces.
        costs: the cost of each operator.
        numbers: the number of facts.
    """

    def __init__(
        self,
        needs: Sequence[Sequence[int]],
        makes: Sequence[Sequence[int]],
        costs: Sequence[int],
        numbers: int,
    ) -> None:
        # An additional fact that always holds, so that every operator needs at least one fact.
        self._numbers, always = numbers + 1, (numbers,)
        self._makes = Rows.of(makes)
        self._rests = Rows.of([facts or always for facts in needs])
        self._users = self._rests.turned(self._numbers)
        self._costs = np.array(costs, np.int64)

    def unpacked(self, mask: int) -> npt.NDArray[np.uint8]:
        """Return a mask of facts as an array of ones and zeros, including the fact that always holds."""
        size = (self._numbers + 7) // 8
        packed = np.frombuffer((mask | 1 << self._numbers - 1).to_bytes(size, "little"), np.uint8)
        return np.unpackbits(packed, count=self._numbers, bitorder="little")

    def supporters(self, holding: int, missing: Sequence[int]) -> Swept:
        """Return the operators that first produce each fact, up to the layer in which nothing is missing.

        Args:
            holding: a mask of the facts that hold.
            missing: the wanted facts that do not hold.
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
            # Most operators produce nothing new: their needs are never summed.
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
