"""The clock of a crew: at one instant, its agents take turns in a random order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import simpy

if TYPE_CHECKING:
    import numpy as np

EXPIRY = simpy.events.EventPriority(0.5)  # type: ignore[arg-type]
"""The priority of an expiring lease: after the world, before news."""

BLOCK = 256


class CrewClock(simpy.Environment):
    """SimPy's environment, except that events of equal time and priority come in random order.

    In SimPy's own order, that of scheduling, agents with low numbers would go first at every instant.
    """

    def __init__(self, random: np.random.Generator) -> None:
        super().__init__()
        self._random, self._draws = random, [0.0]

    def schedule(
        self, event: simpy.Event, priority: simpy.events.EventPriority = simpy.events.NORMAL, delay: float = 0
    ) -> None:
        """Schedule an event."""
        draws = self._draws
        if len(draws) == 1:
            draws.extend(self._random.random(BLOCK).tolist())
        super().schedule(event, priority + draws.pop() / 2, delay)  # type: ignore[arg-type]
