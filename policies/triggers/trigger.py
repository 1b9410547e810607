"""What a trigger is: what makes a policy replan without anything being about to fire."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from plandrift.sim import GO_ON, Acknowledgment, Decision, Observation, Reaction, View


class Trigger(ABC):
    """When to replan: on an observation, after an answer, or when the plan is used up.

    Attributes:
        listens: whether observations make a difference to it.
    """

    listens: ClassVar[bool] = True

    @abstractmethod
    def observed(self, view: View, seen: Observation) -> Decision:
        """An observation came, or a plan was handed over: keep the plan, or replan?"""

    def answered(self, view: View, answer: Acknowledgment) -> Reaction:
        """A call was answered; a failure that is reported makes every replanner replan."""
        return Reaction("replan", "error") if answer.reported == "error" else GO_ON

    def used_up(self, view: View) -> Decision:
        """The plan is used up and the goals are not met: a replanner plans again."""
        return Decision("replan", "plan used up")
