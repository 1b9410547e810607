"""The models of a crew: how many agents can think at once, and who queues."""

from __future__ import annotations

from collections import deque
from typing import Protocol


class Queueing(Protocol):
    """Something that queues for a model."""

    def granted(self) -> None:
        """Begin to think."""
        ...


class Slots:
    """A number of models, granted in order of request.

    >>> class Thinker:
    ...     def granted(self):
    ...         print("thinks")
    >>> slots, one, other = Slots(1), Thinker(), Thinker()
    >>> slots.take(one), slots.take(other)
    (True, False)
    >>> slots.release()
    thinks
    """

    __slots__ = ("_free", "_queue")

    def __init__(self, count: int) -> None:
        self._free = count
        self._queue: deque[Queueing] = deque()

    def take(self, who: Queueing) -> bool:
        """Take a model and return True, or queue and return False."""
        if self._free:
            self._free -= 1
            return True
        self._queue.append(who)
        return False

    def leave(self, who: Queueing) -> None:
        """Stop queueing."""
        self._queue.remove(who)

    def release(self) -> None:
        """Give a model back, which goes to the first in the queue."""
        if self._queue:
            self._queue.popleft().granted()
        else:
            self._free += 1
