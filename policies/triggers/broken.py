"""Replan when the plan breaks, for example because a target is gone."""

from __future__ import annotations

from plandrift.policies.triggers.touched import Touched
from plandrift.sim import Acknowledgment, Reaction, View


class Broken(Touched):
    """Replan when an observation breaks the plan, or when an answer finds it broken."""

    def answered(self, view: View, answer: Acknowledgment) -> Reaction:
        """Replan if the current plan is broken, unless another plan is already on its way."""
        if view.broken and not view.thinking:
            return Reaction("replan", "the plan is broken")
        return super().answered(view, answer)
