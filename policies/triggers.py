"""Triggers: what makes a policy replan without anything being about to fire."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from sim import GO_ON, KEEP, Answered, Decision, Observation, Reaction, View
from sim.view import Compares


class Trigger(ABC):
    """When to replan: on an observation, after an answer, or when the plan is used up."""

    @abstractmethod
    def observed(self, view: View, seen: Observation) -> Decision:
        """An observation came: keep the plan, or replan?"""

    def answered(self, view: View, answer: Answered) -> Reaction:
        """A call was answered; a failure that is reported makes every replanner replan."""
        return Reaction("replan", "error") if answer.reported == "error" else GO_ON

    def used_up(self, view: View) -> Decision:
        """The plan is used up and the goals are not met: a replanner plans again."""
        return Decision("replan", "plan used up")


class Never(Trigger):
    """Plan once."""

    def observed(self, view: View, seen: Observation) -> Decision:
        """Keep the plan."""
        return KEEP

    def answered(self, view: View, answer: Answered) -> Reaction:
        """Go on, whatever was reported."""
        return GO_ON

    def used_up(self, view: View) -> Decision:
        """Done."""
        return KEEP


class EachObservation(Trigger):
    """Replan on every observation."""

    def observed(self, view: View, seen: Observation) -> Decision:
        """Replan."""
        return Decision("replan", "observation")


@dataclass(frozen=True)
class Touched(Trigger):
    """Replan when an observation touches what the rest of the plan depends on.

    Attributes:
        compares: ``value``: the believed value is now another than the rest of the plan needs;
            ``version``: the fluent was written at all.
    """

    compares: Compares = "value"

    def observed(self, view: View, seen: Observation) -> Decision:
        """Replan if the news unsettles the plan."""
        fluent = view.unsettles(seen.news, self.compares)
        return KEEP if fluent is None else Decision("replan", f"{fluent} changed")


@dataclass(frozen=True)
class EverySteps(Trigger):
    """Replan at the plan's end and every so many steps (Kinny and Georgeff 1991).

    Attributes:
        every: how many steps are fired of a plan before the next is made.
    """

    every: int = 1

    def observed(self, view: View, seen: Observation) -> Decision:
        """Keep the plan."""
        return KEEP

    def answered(self, view: View, answer: Answered) -> Reaction:
        """Replan after the last step of a stretch; what was reported makes no difference."""
        due = view.fired >= self.every and view.steps_left > 0
        return Reaction("replan", f"{self.every} steps") if due else GO_ON
