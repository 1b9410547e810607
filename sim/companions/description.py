"""What a world says of itself: its changes and calls in words, what it is about, how it is drawn."""

from __future__ import annotations

from typing import Any

from plandrift.sim.companions.companion import Companion
from plandrift.sim.companions.introduction import Introduction, derived
from plandrift.sim.companions.landscape import Hierarchy, Landscape
from plandrift.sim.terms.calls import Call, Value


class Description(Companion):
    """What a world says of itself to people and to agents; how one is given to a scene, `Companion` says.

    >>> from plandrift import Streams
    >>> from plandrift.worlds import Telegraph
    >>> Description.of(Telegraph().begin(Streams(7), 60.0)).change("wire-3", 0, 1)
    'wire-3 jumped from 0 to 1'
    """

    def change(self, fluent: str, before: Value, after: Value) -> str:
        """An exogenous change as a sentence in plain English, without a full stop."""
        return f"{fluent} went from {before!r} to {after!r}"

    def call(self, call: Call) -> str:
        """A call as a clause in plain English that goes on from "the agent"."""
        return f"calls {call}"

    def remark(self, metrics: Any) -> str:
        """What a reader of an episode with these `Metrics` should know besides; nothing by default."""
        return ""

    def introduction(self) -> Introduction:
        """What an agent that has never heard of this world is told of it, before a session begins.

        Made from the calls that it plans unless overridden. It must not tell how things stand.
        """
        return derived(self.scene)

    def landscape(self) -> Landscape | Hierarchy | None:
        """How `plandrift replay` draws this world: a map, a tree, or, as here, a table of its fluents."""
        return None
