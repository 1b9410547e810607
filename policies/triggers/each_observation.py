"""Replan on every observation."""

from __future__ import annotations

from plandrift.policies.triggers.trigger import Trigger
from plandrift.sim import KEEP, Decision, Observation, View


class EachObservation(Trigger):
    """Replan on every observation, whatever it says."""

    def observed(self, view: View, seen: Observation) -> Decision:
        """Replan; but keep a plan just handed over, since the observations before it have been answered."""
        return KEEP if seen.by == "handover" else Decision("replan", "observation")
