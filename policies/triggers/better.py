"""Replan when something better appears: opportunism."""

from __future__ import annotations

from plandrift.policies.triggers.broken import Broken
from plandrift.sim import Decision, Observation, View


class Better(Broken):
    """Replan when the plan breaks, or when the news offers something better than the rest of it."""

    def observed(self, view: View, seen: Observation) -> Decision:
        """Replan if the news unsettles the plan or offers something better."""
        if view.offers_better(seen.news):
            return Decision("replan", "something better")
        return super().observed(view, seen)
