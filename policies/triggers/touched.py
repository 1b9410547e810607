"""Replan on news that touches the plan: event-triggered replanning."""

from __future__ import annotations

from dataclasses import dataclass

from plandrift.policies.triggers.trigger import Trigger
from plandrift.sim import KEEP, Compares, Decision, Observation, View


@dataclass(frozen=True)
class Touched(Trigger):
    """Replan when an observation touches what the remaining steps depend on.

    Attributes:
        compares: with ``value``, replan if a believed value now differs from what the rest of the plan needs;
            with ``version``, if such a fluent was written at all; with ``region``, by value, but not for
            what a call only writes back as it was read.
    """

    compares: Compares = "value"

    def observed(self, view: View, seen: Observation) -> Decision:
        """Replan if the news unsettles the plan."""
        fluent = view.unsettles(seen.news, self.compares)
        return KEEP if fluent is None else Decision("replan", f"{fluent} changed")
