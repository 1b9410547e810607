"""Trials: episodes of several guards on the same seeds and the same draws of the uncertain numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future

import numpy as np

from plandrift.experiments.agents.advise.guards import Guard
from plandrift.experiments.agents.advise.prices import COMPONENTS, Array, components
from plandrift.experiments.agents.advise.system import UserSystem
from plandrift.experiments.sweeps.engines import episode, fitting

TOGETHER = 8
"""Episodes per task."""


class Trials:
    """Runs episodes in a pool of processes, or in this process if there is none.

    Args:
        pool: the processes.
        tell: called with the number of episodes run so far.
        budget: the most episodes in all: the compiled engine helps if there are many.

    Attributes:
        ran: number of episodes run so far.
    """

    def __init__(
        self, pool: Executor | None = None, tell: Callable[[int], None] = lambda _: None, budget: int = 0
    ) -> None:
        self._pool, self._tell, self._budget = pool, tell, budget
        self.ran = 0

    def run(self, system: UserSystem, guards: Sequence[Guard], first: int, count: int) -> dict[str, Array]:
        """Run episodes with seeds from `first` on and return their `COMPONENTS` by guard, one row per seed.

        Seed i uses draw i of the system, the same for all guards.
        """
        starts = range(first, first + count, TOGETHER)
        waiting: list[tuple[str, Future[list[list[float]]] | list[list[float]], int]] = []
        for guard in guards:
            for start in starts:
                some = min(TOGETHER, first + count - start)
                if self._pool is None:
                    waiting.append((guard.name, episodes(system, guard, start, some, self._budget), some))
                else:
                    task = self._pool.submit(episodes, system, guard, start, some, self._budget)
                    waiting.append((guard.name, task, some))
        rows: dict[str, list[list[float]]] = {guard.name: [] for guard in guards}
        for name, answer, some in waiting:
            rows[name] += answer if isinstance(answer, list) else answer.result()
            self.ran += some
            self._tell(self.ran)
        return {name: np.array(found).reshape(-1, len(COMPONENTS)) for name, found in rows.items()}


def episodes(system: UserSystem, guard: Guard, first: int, count: int, budget: int = 0) -> list[list[float]]:
    """Run episodes of some seeds, part of a larger number, and return one row of `COMPONENTS` each."""
    made = {
        draw: system.condition(guard, draw)
        for draw in {i % len(system.draws) for i in range(first, first + count)}
    }
    rows = []
    for seed in range(first, first + count):
        one = made[seed % len(system.draws)]
        rows.append(components(episode(one, seed, fitting(one, budget)).metrics))
    return rows
