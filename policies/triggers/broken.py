"""Replan when the plan breaks: a target is gone."""

from __future__ import annotations

from plandrift.policies.triggers.touched import Touched
from plandrift.sim import Acknowledgment, Reaction, View


class Broken(Touched):
    """Replan when an observation breaks the plan, or when an answer finds it broken."""

    def answered(self, view: View, answer: Acknowledgment) -> Reaction:
        """Replan if the plan in hand is broken, unless another is on its way already."""
        if view.broken and not view.thinking:
            return Reaction("replan", "the plan is broken")
        return super().answered(view, answer)
