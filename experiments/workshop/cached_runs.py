"""Episodes for the lessons: the same for everybody in the room, each computed only once.

Earlier answers are remembered, so twenty people who move the same slider wait for a single computation.
Under the server, its processes do the work; a script does the work itself.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from plandrift.experiments.statistics import comparison
from plandrift.experiments.statistics.intervals import Interval, mean_interval, share_interval
from plandrift.experiments.statistics.measures import bounds_of, is_flag, is_rate, rate_parts
from plandrift.experiments.statistics.ratios import ratio_interval
from plandrift.experiments.sweeps.condition import Condition
from plandrift.experiments.sweeps.engines import episode, fitting

T = TypeVar("T")
REMEMBERED = 4096


class RunCache:
    """A cache of the latest answers; simultaneous equal questions wait for one computation.

    Args:
        pool: the processes that compute; None computes in the caller.
        most: the number of answers to keep.
    """

    def __init__(self, pool: Executor | None = None, most: int = REMEMBERED) -> None:
        self.pool = pool
        self._most = most
        self._answers: OrderedDict[Any, Future[Any]] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, function: Callable[..., T], *args: Any) -> Future[T]:
        """Return a future with the result of a module's function for these arguments."""
        key = (function, args)
        with self._lock:
            known = self._answers.get(key)
            if known is not None:
                self._answers.move_to_end(key)
                return known
            answer: Future[T] = Future() if self.pool is None else self.pool.submit(function, *args)
            self._answers[key] = answer
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        if self.pool is None:
            try:
                answer.set_result(function(*args))
            except BaseException as error:
                answer.set_exception(error)
        return answer


CACHE = RunCache()
"""This process's cache; `serving` gives it a pool."""


Values = Mapping[str, tuple[float, ...]]
"""Each metric's values, one per seed."""


def episodes(condition: Condition, seeds: int) -> Values:
    """Run a condition's episodes with seeds from 0 on."""
    engine = fitting(condition, seeds)
    rows = [episode(condition, seed, engine).row for seed in range(seeds)]
    return {name: tuple(float(row[name]) for row in rows) for name in rows[0]}


def measure(wanted: Sequence[Condition], seeds: int) -> list[Values]:
    """Run the episodes of several conditions in parallel."""
    answers = [CACHE.ask(episodes, one, seeds) for one in wanted]
    return [answer.result() for answer in answers]


def interval(values: Values, metric: str) -> Interval:
    """Return a metric over the episodes with its 95 % interval: of a rate, a share or a mean."""
    if is_rate(metric):
        return ratio_interval(*_parts(values, metric), bounds=bounds_of(metric))
    if is_flag(metric):
        return share_interval(round(sum(values[metric])), len(values[metric]))
    return mean_interval(values[metric], bounds=bounds_of(metric))


def difference(first: Values, second: Values, metric: str) -> Interval:
    """Return first minus second, paired by seed, with its 95 % interval."""
    sides = [_parts(side, metric) if is_rate(metric) else (side[metric],) for side in (first, second)]
    return comparison.difference(metric, sides[0], sides[1]).difference


def _parts(values: Values, metric: str) -> tuple[ArrayLike, ArrayLike]:
    part, whole = rate_parts(metric, {name: np.asarray(column) for name, column in values.items()})
    return part, whole
