"""Replan after a number of steps, whatever is heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from plandrift.policies.triggers.trigger import Trigger
from plandrift.sim import GO_ON, KEEP, Acknowledgment, Decision, Observation, Reaction, View


@dataclass(frozen=True)
class EverySteps(Trigger):
    """Replan at the plan's end and after every `every` steps (Kinny and Georgeff 1991).

    Attributes:
        every: how many steps of a plan are fired before the next plan is made; None for all of them.
    """

    listens: ClassVar[bool] = False
    every: int | None = 1

    def observed(self, view: View, seen: Observation) -> Decision:
        """Keep the plan."""
        return KEEP

    def answered(self, view: View, answer: Acknowledgment) -> Reaction:
        """Replan after the last step of a stretch; what was reported makes no difference."""
        due = self.every is not None and view.fired >= self.every and view.steps_left > 0
        return Reaction("replan", f"{self.every} steps") if due else GO_ON
