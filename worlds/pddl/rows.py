"""Rows of different lengths in one array, such as the operators that need each fact."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.intp]
"""Indexes of facts or operators."""
FEW = 40
"""Up to this many rows are cut out one by one."""


class Rows(NamedTuple):
    """A list of indexes for each index, all stored in one array.

    Attributes:
        starts: where each row begins.
        counts: the length of each row.
        values: the rows, one after the other.
    """

    starts: Places
    counts: Places
    values: Places

    @staticmethod
    def of(rows: Sequence[Sequence[int]]) -> Rows:
        """Build from separate rows."""
        counts = np.fromiter((len(row) for row in rows), np.intp, len(rows))
        values = np.fromiter(chain.from_iterable(rows), np.intp, int(counts.sum()))
        return Rows(np.cumsum(counts) - counts, counts, values)

    def turned(self, width: int) -> Rows:
        """Return the inverse: for each of `width` values, in order, the rows that contain it."""
        owners = np.repeat(np.arange(len(self.counts)), self.counts)
        order = np.argsort(self.values, kind="stable")
        counts = np.bincount(self.values, minlength=width)
        return Rows(np.cumsum(counts) - counts, counts, owners[order])

    def at(self, places: Places) -> tuple[Places, Places]:
        """Return the concatenated rows of some indexes, and the length of each row."""
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
