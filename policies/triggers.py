"""Triggers: what makes a policy replan without anything being about to fire."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from fnmatch import fnmatchcase

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
class Broken(Touched):
    """Replan when an observation breaks the plan, or when one is found broken that broke in the making."""

    def answered(self, view: View, answer: Answered) -> Reaction:
        """Replan if the plan in hand is broken, unless another is on its way already."""
        if view.broken and not view.thinking:
            return Reaction("replan", "the plan is broken")
        return super().answered(view, answer)


class Better(Broken):
    """Replan when the plan breaks, or when the news offers something better than its rest."""

    def observed(self, view: View, seen: Observation) -> Decision:
        """Replan if the news unsettles the plan or tempts from it."""
        if view.tempted(seen.news):
            return Decision("replan", "something better")
        return super().observed(view, seen)


@dataclass(frozen=True)
class New(Broken):
    """Replan when the plan breaks, or when the news is of anything that has come to be.

    Attributes:
        watches: the fluents that count, as patterns.
    """

    watches: tuple[str, ...] = ("*",)

    def observed(self, view: View, seen: Observation) -> Decision:
        """Replan if the news unsettles the plan, or a fluent that is watched now has a value."""
        for fluent in seen.news:
            if view.belief[fluent] is not None and any(fnmatchcase(fluent, p) for p in self.watches):
                return Decision("replan", f"{fluent} is new")
        return super().observed(view, seen)


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
