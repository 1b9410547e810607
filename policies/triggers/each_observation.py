"""Replan on every observation."""

from __future__ import annotations

from plandrift.policies.triggers.trigger import Trigger
from plandrift.sim import KEEP, Decision, Observation, View


class EachObservation(Trigger):
    """Replan on every observation, whatever it tells."""

    def observed(self, view: View, seen: Observation) -> Decision:
        """Replan; a plan handed over is no observation, and each that came meanwhile has been answered."""
        return KEEP if seen.by == "handover" else Decision("replan", "observation")
