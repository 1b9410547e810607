"""The dealer: which agent does which task."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from plandrift.sim.companions.sharing import Sharing
from plandrift.sim.terms.calls import Value

Goals = Mapping[str, Value]
Task = tuple[int, Goals]
"""A task: its number, and the goals that it must reach."""


class Dealer:
    """Deals a scene's tasks to the agents of a crew, as `crew.share` says.

    In a world that is not done task by task, an agent of a `split` crew plans for all of its share at once.

    >>> from plandrift import Streams
    >>> from plandrift.worlds import Records
    >>> sharing = Sharing.of(Records(records=5).begin(Streams(7), 60.0))
    >>> dealer = Dealer(sharing, 2, "overlap", by_task=False)
    >>> [dealer.next(0)[0] for _ in range(5)], dealer.next(1)
    ([0, 2, 4, 1, 3], None)
    """

    __slots__ = ("_helps", "_own")

    def __init__(self, sharing: Sharing, agents: int, share: str, by_task: bool) -> None:
        tasks = list(enumerate(sharing.tasks()))
        self._helps = share == "overlap"
        if share == "pool":
            pool = deque(tasks)
            self._own = [pool] * agents
        else:
            shares: list[Sequence[Task]] = [tasks[number::agents] for number in range(agents)]
            if share == "split" and not by_task:
                shares = [[_together(number, one)] if one else [] for number, one in enumerate(shares)]
            self._own = [deque(one) for one in shares]

    def next(self, agent: int) -> Task | None:
        """Return an agent's next task, or None if nothing is left for it to do."""
        own = self._own[agent]
        if not own and self._helps:
            own = max(self._own, key=len)
        return own.popleft() if own else None


def _together(number: int, tasks: Sequence[Task]) -> Task:
    goals: dict[str, Value] = {}
    for _, more in tasks:
        goals |= more
    return number, goals
