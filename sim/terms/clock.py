"""Reusable SimPy events: the cheapest way to get a callback at a given time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import simpy

# When several things happen at the same instant, the world moves first, then news is delivered, then the
# planner works on the news, and the executor acts last.
WORLD, NEWS, PLANNING, ACTING = (simpy.events.EventPriority(p) for p in range(4))

Ring = Callable[[simpy.Event], None]


class Alarm(simpy.Event):
    """A SimPy event that is reused for every ring, at less than half the cost of a new event.

    It is created already triggered. SimPy removes the callbacks from an event once it has processed it;
    putting them back is all it takes to schedule the event again.
    """

    def __init__(self, clock: simpy.Environment, ring: Ring, priority: simpy.events.EventPriority) -> None:
        super().__init__(clock)
        self._ok = True
        self._value = None
        self._ring = [ring]
        self._priority = priority

    def set(self, delay: float) -> None:
        """Ring after `delay` units of time. Only one ring can be pending at a time."""
        self.callbacks = self._ring
        self.env.schedule(self, self._priority, delay)


class Pause(simpy.Event):
    """An event that one process waits for: it yields it after `set`. Reused for every wait."""

    def __init__(self, clock: simpy.Environment) -> None:
        super().__init__(clock)
        self._ok = True
        self._value = None

    def hold(self) -> Pause:
        """Reset the event, to be triggered when `end` is called, and return it."""
        self.callbacks = []
        return self

    def end(self) -> None:
        """Trigger now the event that `hold` returned."""
        self.env.schedule(self, ACTING, 0)

    def set(self, delay: float) -> Pause:
        """Reset the event, to be triggered after `delay`, and return it."""
        self.callbacks = []
        self.env.schedule(self, ACTING, delay)
        return self


def call_later(
    clock: simpy.Environment, delay: float, ring: Ring, value: Any, priority: simpy.events.EventPriority
) -> None:
    """Call `ring` after `delay` units of time with an event carrying `value`; any number may be pending."""
    event = simpy.Event(clock)
    event._ok, event._value = True, value
    event.callbacks = [ring]
    clock.schedule(event, priority, delay)
