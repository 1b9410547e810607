"""Reusable SimPy events: the cheapest way to be called back at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import simpy

# Where several things happen at one instant, the world moves first, news travels next, the planner
# thinks on the news, and the executor acts last.
WORLD, NEWS, PLANNING, ACTING = (simpy.events.EventPriority(p) for p in range(4))

Ring = Callable[[simpy.Event], None]


class Alarm(simpy.Event):
    """One SimPy event that is used again for each ring, at less than half the cost of a new one.

    It is made already triggered. SimPy takes the callbacks off an event that it has processed, and to put
    them back is all that it needs to be scheduled again.
    """

    def __init__(self, clock: simpy.Environment, ring: Ring, priority: simpy.events.EventPriority) -> None:
        super().__init__(clock)
        self._ok = True
        self._value = None
        self._ring = [ring]
        self._priority = priority

    def set(self, delay: float) -> None:
        """Ring after `delay` units of time. One ring at a time can be pending."""
        self.callbacks = self._ring
        self.env.schedule(self, self._priority, delay)


class Pause(simpy.Event):
    """A wait for one process, which yields it after `set`; used again for each wait."""

    def __init__(self, clock: simpy.Environment) -> None:
        super().__init__(clock)
        self._ok = True
        self._value = None

    def hold(self) -> Pause:
        """The same event with nobody waiting yet, due when `end` is called."""
        self.callbacks = []
        return self

    def end(self) -> None:
        """What was held is due now."""
        self.env.schedule(self, ACTING, 0)

    def set(self, delay: float) -> Pause:
        """The same event, due after `delay`, with nobody waiting yet."""
        self.callbacks = []
        self.env.schedule(self, ACTING, delay)
        return self


def call_later(
    clock: simpy.Environment, delay: float, ring: Ring, value: Any, priority: simpy.events.EventPriority
) -> None:
    """Call `ring` after `delay` units of time with an event of this value; any number may be pending."""
    event = simpy.Event(clock)
    event._ok, event._value = True, value
    event.callbacks = [ring]
    clock.schedule(event, priority, delay)
