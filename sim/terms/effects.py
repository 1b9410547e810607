"""What happens to fluents: the changes that come by themselves, and what a call really does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from plandrift.sim.terms.calls import Value

Nature = Literal["rejected", "harmful", "void"]
Outcome = Literal["effective", "repeat", "rejected", "harmful", "void", "refused"]

EVENT = ""
"""In place of a fluent's name: what follows is an event whose consequences `Scene.happen` tells."""

Change = tuple[float, str, Value]
"""Time, fluent and new value of one exogenous change; or time, `EVENT` and an event."""


class Effect(NamedTuple):
    """What a call really does when it reaches the world.

    Attributes:
        outcome: what happened; ``refused`` is the engine's own word for a call that carries what it
            rests on, some of which does not hold: nothing is done, and its error says why.
        writes: the fluents that it changed.
        violated: the fluents whose required value did not hold.
        extra: how much longer than a step usually takes, in units of time.

    >>> Effect("void", {}, ("door",)).reported, Effect("rejected", {}, ("door",)).reported
    ('ok', 'error')
    """

    outcome: Outcome
    writes: Mapping[str, Value]
    violated: tuple[str, ...] = ()
    extra: float = 0.0

    @property
    def reported(self) -> Literal["ok", "error", "refused"]:
        """What an acknowledgment says of it: harm and void look like success."""
        if self.outcome == "refused":
            return "refused"
        return "error" if self.outcome == "rejected" else "ok"
