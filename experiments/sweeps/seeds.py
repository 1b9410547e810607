"""A set of seeds stored as ranges: a few numbers describe the seeds of a hundred million episodes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator


class Seeds:
    """The seeds of one condition.

    >>> held = Seeds([(0, 3), (5, 6)])
    >>> len(held), 4 in held, list(held.gaps(1, 8))
    (4, False, [(3, 2), (6, 2)])
    """

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        self._firsts: list[int] = []
        self._stops: list[int] = []
        for first, stop in ranges:
            self.add(first, stop)

    def add(self, first: int, stop: int) -> None:
        """Add the seeds from `first` to below `stop`."""
        # All ranges that touch the new one are merged with it.
        low, high = bisect_left(self._stops, first), bisect_right(self._firsts, stop)
        if low < high:
            first, stop = min(first, self._firsts[low]), max(stop, self._stops[high - 1])
        self._firsts[low:high], self._stops[low:high] = [first], [stop]

    def __len__(self) -> int:
        return sum(self._stops) - sum(self._firsts)

    def __contains__(self, seed: int) -> bool:
        place = bisect_right(self._firsts, seed)
        return place > 0 and seed < self._stops[place - 1]

    def gaps(self, first: int, goal: int) -> Iterator[tuple[int, int]]:
        """Yield the runs of missing seeds from `first` to below `goal`: their first seed and length."""
        for place in range(bisect_right(self._stops, first), len(self._firsts)):
            start, stop = self._firsts[place], self._stops[place]
            if start >= goal:
                break
            if first < start:
                yield first, start - first
            first = stop
        if first < goal:
            yield first, goal - first

    def first_gap(self, seed: int) -> int:
        """Return the first missing seed at or after this one."""
        place = bisect_right(self._firsts, seed)
        return max(seed, self._stops[place - 1]) if place else seed

    def lacks(self, goal: int) -> int:
        """Return how many of the seeds below `goal` are missing."""
        return sum(count for _, count in self.gaps(0, goal))
