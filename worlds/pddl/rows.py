"""Rows of different lengths in one array: what needs a fact, what an operator makes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.intp]
"""Places of facts or of operators."""
FEW = 40
"""Rows up to which they are cut out one by one."""


class Rows(NamedTuple):
    """For each place the places that belong to it, all in one array.

    Attributes:
        starts: where each row begins.
        counts: how long it is.
        values: the rows one after the other.
    """

    starts: Places
    counts: Places
    values: Places

    @staticmethod
    def of(rows: Sequence[Sequence[int]]) -> Rows:
        """Those of rows that are given one by one."""
        counts = np.fromiter((len(row) for row in rows), np.intp, len(rows))
        values = np.fromiter(chain.from_iterable(rows), np.intp, int(counts.sum()))
        return Rows(np.cumsum(counts) - counts, counts, values)

    def turned(self, width: int) -> Rows:
        """For each of so many values, in order, the rows that it is in."""
        owners = np.repeat(np.arange(len(self.counts)), self.counts)
        order = np.argsort(self.values, kind="stable")
        counts = np.bincount(self.values, minlength=width)
        return Rows(np.cumsum(counts) - counts, counts, owners[order])

    def at(self, places: Places) -> tuple[Places, Places]:
        """What belongs to some places together, and how much of it to each."""
        counts = self.counts[places]
        if len(places) <= FEW:
            starts = self.starts[places]
            rows = [
                self.values[a:b] for a, b in zip(starts.tolist(), (starts + counts).tolist(), strict=True)
            ]
            return (np.concatenate(rows) if rows else self.values[:0]), counts
        ends = np.cumsum(counts)
        total = int(ends[-1]) if len(ends) else 0
        shift = np.repeat(self.starts[places] - ends + counts, counts)
        return self.values[shift + np.arange(total)], counts
