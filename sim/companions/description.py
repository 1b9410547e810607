"""The description of a world: its changes and calls in words, its introduction, and how to draw it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plandrift.sim.companions.companion import Companion
from plandrift.sim.companions.introduction import Introduction, derived
from plandrift.sim.companions.landscape import Hierarchy, Landscape
from plandrift.sim.terms.calls import Call, Value


class Description(Companion):
    """The companion that describes a world to people and agents; see `Companion` for how to attach it.

    >>> from plandrift import Streams
    >>> from plandrift.worlds import Telegraph
    >>> Description.of(Telegraph().begin(Streams(7), 60.0)).change("wire-3", 0, 1)
    'wire-3 jumped from 0 to 1'
    """

    def change(self, fluent: str, before: Value, after: Value) -> str:
        """Describe an exogenous change in a plain English sentence, without a full stop."""
        return f"{fluent} went from {before!r} to {after!r}"

    def call(self, call: Call) -> str:
        """Describe a call in a plain English clause that continues "the agent"."""
        return f"calls {call}"

    def refusal(self, call: Call, needs: Mapping[str, Value]) -> str:
        """Say why the world rejected or refused a call, as the interface of such a world would.

        An error message says what is wrong but gives no current values, so it does not count as a reading.

        Args:
            call: the call.
            needs: the fluents that did not hold what the call needs, with what it needs.
        """
        return "; ".join(f"{fluent} is not {value!r}" for fluent, value in needs.items())

    def remark(self, metrics: Any) -> str:
        """Return what else a reader of an episode with these `Metrics` should know; by default nothing."""
        return ""

    def introduction(self) -> Introduction:
        """Return what an agent that does not know this world is told before a session begins.

        Unless overridden, it is derived from the calls that the world plans. It must not reveal the current
        state of the world.
        """
        return derived(self.scene)

    def landscape(self) -> Landscape | Hierarchy | None:
        """Return how `plandrift replay` draws this world: a map, a tree, or None for a table of fluents."""
        return None
