"""The episodes of a sweep still to be run: handed out in batches, and topped up by a stopping rule."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from plandrift.experiments.sweeps.batch import SeedRange
from plandrift.experiments.sweeps.condition import Condition
from plandrift.experiments.sweeps.seeds import Seeds
from plandrift.experiments.sweeps.spec import Until
from plandrift.experiments.sweeps.stopping import BATCH, Sample, converged, next_stop

NOTHING: Sample = (math.nan, math.nan)
"""The sample of an episode that raised an exception."""

ROUND = 512
"""The most seeds of a condition that are run before the next condition takes its turn."""


class Backlog:
    """The remaining episodes, by condition and seed.

    With a fixed number of seeds, all episodes are known from the start and are handed out seed by seed
    across all conditions, so that a sweep stopped at any time has about equally many of each. Under a rule,
    a condition is examined when all episodes of its last batch are in, and either gets another batch or is
    finished. What is run thus depends only on the results, never on which process was faster.

    Args:
        conditions: the conditions.
        seeds: episodes per condition; None under a rule.
        until: the stopping rule; None with a fixed number.
        values: for each condition under a rule, the samples of the episodes already run, by seed.
        done: for each condition, the seeds that need not be run; finished ones are added to them.
        engines: what runs each condition, by its id; the SimPy engine if it is missing here.
    """

    def __init__(
        self,
        conditions: Sequence[Condition],
        seeds: int | None,
        until: Until | None,
        done: Sequence[Seeds],
        values: Sequence[Mapping[int, Sample]] | None = None,
        engines: Mapping[str, str] | None = None,
    ) -> None:
        self._conditions, self._until = conditions, until
        self._engines = engines or {}
        self._done = done
        self._values = [dict(those) for those in values] if values is not None else [{} for _ in conditions]
        self._goal = [seeds or 0] * len(conditions)
        self._queue: deque[tuple[int, int, int]] = deque()
        self._rounds: Iterator[range] = iter(())
        self.left = 0
        if until is not None:
            for number in range(len(conditions)):
                self._look(number)
        else:
            goal = seeds or 0
            self.left = sum(those.lacks(goal) for those in done)
            self._rounds = _rounds(goal)
            self._next_round()

    def __bool__(self) -> bool:
        return bool(self._queue)

    def _ask(self, number: int, first: int) -> None:
        """Queue the missing seeds from `first` up to the condition's goal."""
        for start, count in self._done[number].gaps(first, self._goal[number]):
            self._queue.append((number, start, count))
            self.left += count

    def _next_round(self) -> None:
        """Queue the next seeds of all conditions once the previous ones are handed out."""
        if self._queue:
            return
        missing = 0
        for seeds in self._rounds:
            if seeds.stop <= missing:
                continue
            for number, done in enumerate(self._done):
                self._queue += [(number, *gap) for gap in done.gaps(seeds.start, seeds.stop)]
            if self._queue:
                return
            missing = min(done.first_gap(seeds.stop) for done in self._done)

    def _look(self, number: int) -> None:
        """Ask for more seeds of a condition under a rule, if its results are complete but not enough."""
        assert self._until is not None
        goal = self._goal[number] or min(BATCH, self._until.at_most)
        while True:
            self._goal[number] = goal
            if self._done[number].lacks(goal):
                self._ask(number, 0)
                return
            more = next_stop(self._sample(number, goal), self._until)
            if more is None:
                return
            goal = more

    def _sample(self, number: int, count: int) -> list[Sample]:
        held = self._values[number]
        return [held.get(seed, NOTHING) for seed in range(count)]

    def take(self, size: int) -> list[SeedRange]:
        """Hand out up to `size` episodes to be run together."""
        ranges = []
        while self._queue and size > 0:
            number, first, count = self._queue.popleft()
            part = min(count, size)
            one = self._conditions[number]
            ranges.append(SeedRange(number, one, first, part, self._engines.get(one.id, "simpy")))
            if part < count:
                self._queue.appendleft((number, first + part, count - part))
            size -= part
            self._next_round()
        self.left -= sum(some.count for some in ranges)
        return ranges

    def give_back(self, ranges: Sequence[SeedRange]) -> None:
        """Take back what was handed out but not run."""
        for some in reversed(ranges):
            self._queue.appendleft((some.number, some.first, some.count))
            self.left += some.count

    def finish(self, ranges: Sequence[SeedRange], values: Mapping[tuple[int, int], Sample]) -> None:
        """Mark these as run; `values` holds their samples by condition and seed."""
        for (number, seed), value in values.items():
            self._values[number][seed] = value
        for some in ranges:
            self._done[some.number].add(some.first, some.first + some.count)
        if self._until is not None:
            for number in sorted({some.number for some in ranges}):
                if not self._done[number].lacks(self._goal[number]):
                    self._look(number)

    def unsure(self) -> list[Condition]:
        """Return the conditions that reached the cap before the rule was met."""
        if self._until is None:
            return []
        return [
            one
            for number, one in enumerate(self._conditions)
            if not converged(self._sample(number, self._goal[number]), self._until)
        ]


def _rounds(seeds: int) -> Iterator[range]:
    """Yield all seeds in turn: one at a time at first, for early results, then more at once."""
    start = 0
    while start < seeds:
        stop = min(seeds, start + max(1, min(ROUND, start // 8)))
        yield range(start, stop)
        start = stop
