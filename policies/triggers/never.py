"""Plan once: no trigger at all."""

from __future__ import annotations

from plandrift.policies.triggers.trigger import Trigger
from plandrift.sim import GO_ON, KEEP, Acknowledgment, Decision, Observation, Reaction, View


class Never(Trigger):
    """Keep the plan, go on whatever is reported, and finish when it is used up."""

    listens = False

    def observed(self, view: View, seen: Observation) -> Decision:
        """Keep the plan."""
        return KEEP

    def answered(self, view: View, answer: Acknowledgment) -> Reaction:
        """Go on, whatever was reported."""
        return GO_ON

    def used_up(self, view: View) -> Decision:
        """Done."""
        return KEEP
