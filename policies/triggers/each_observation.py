"""Replan on every observation."""

from __future__ import annotations

from plandrift.policies.triggers.trigger import Trigger
from plandrift.sim import KEEP, Decision, Observation, View


class EachObservation(Trigger):
    """Replan on every observation, whatever it reports."""

    def observed(self, view: View, seen: Observation) -> Decision:
        """Replan on news, but keep a plan just handed over: earlier news has already been answered."""
        return KEEP if seen.by == "handover" else Decision("replan", "observation")
