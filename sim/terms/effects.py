"""What happens to fluents: exogenous changes, and the real effects of calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from plandrift.sim.terms.calls import Value

Nature = Literal["rejected", "harmful", "void"]
Outcome = Literal["effective", "repeat", "rejected", "harmful", "void", "refused", "recognized"]

EVENT = ""
"""Stands in place of a fluent's name: the change is an event, and `Scene.happen` returns what it changes."""

Change = tuple[float, str, Value]
"""One exogenous change: (time, fluent, new value), or (time, `EVENT`, event)."""


class Effect(NamedTuple):
    """What a call really does when it reaches the world.

    Attributes:
        outcome: what happened. Only the engine says ``refused``: the call carried assumptions to be checked
            and one of them did not hold, so nothing was done and the error says why. Only the engine says
            ``recognized``, too: a retry carried the key of a call that had done its work, so nothing was done
            and the first answer is given again.
        writes: the fluents that it changed.
        violated: the fluents whose required value did not hold.
        extra: how much longer than usual the step takes, in units of time.

    >>> Effect("void", {}, ("door",)).reported, Effect("rejected", {}, ("door",)).reported
    ('ok', 'error')
    """

    outcome: Outcome
    writes: Mapping[str, Value]
    violated: tuple[str, ...] = ()
    extra: float = 0.0

    @property
    def reported(self) -> Literal["ok", "error", "refused"]:
        """What the acknowledgment says: harmful and void calls look like success."""
        if self.outcome == "refused":
            return "refused"
        return "error" if self.outcome == "rejected" else "ok"
