"""The trigger interface: the part of a policy that replans when no call is about to fire."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from plandrift.sim import GO_ON, Acknowledgment, Decision, Observation, Reaction, View


class Trigger(ABC):
    """When to replan: on an observation, after an answer, or when the plan is used up.

    Attributes:
        listens: whether it reacts to observations.
    """

    listens: ClassVar[bool] = True

    @abstractmethod
    def observed(self, view: View, seen: Observation) -> Decision:
        """Decide whether to keep the plan or replan, after an observation or the hand-over of a plan."""

    def answered(self, view: View, answer: Acknowledgment) -> Reaction:
        """React to the answer of a call; by default, a reported failure makes the policy replan."""
        return Reaction("replan", "error") if answer.reported == "error" else GO_ON

    def used_up(self, view: View) -> Decision:
        """Decide what to do when the plan is used up and the goals are not met; by default, replan."""
        return Decision("replan", "plan used up")
