"""The guarded agent: the policy of a session. The agent decides, and the guard may object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from plandrift.sim.interfaces.policy import (
    GO_ON,
    Acknowledgment,
    Decision,
    Observation,
    Policy,
    Reaction,
    Verdict,
)
from plandrift.sim.interfaces.view import View
from plandrift.sim.terms.calls import Call, Step


@dataclass(frozen=True)
class Unguarded(Policy):
    """No guard: every call fires, and what to do about an error or a refusal is up to the agent."""

    def answered(self, view: View, step: Step, answer: Acknowledgment) -> Reaction:
        """Go on; a call that nobody answered may be made once more as the same step."""
        return GO_ON if answer.reported is not None else super().answered(view, step, answer)


@dataclass(frozen=True)
class GuardedAgent(Policy):
    """A policy that wraps a guard around a real agent and has the agent's name.

    >>> GuardedAgent(title="my agent").name
    'my agent'
    """

    guard: Policy = field(default_factory=Unguarded)
    title: str = "agent"

    @property
    def name(self) -> str:
        """The agent's name."""
        return self.title

    @property
    def checks(self) -> Literal["prepare", "fire"]:
        """Delegates to the guard."""
        return self.guard.checks

    @property
    def listens(self) -> bool:
        """Delegates to the guard."""
        return self.guard.listens

    def observed(self, view: View, observation: Observation) -> Decision:
        """Ask the guard; its replan becomes advice to the agent."""
        return self.guard.observed(view, observation)

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        """Ask the guard."""
        return self.guard.before_fire(view, step, call)

    def answered(self, view: View, step: Step, answer: Acknowledgment) -> Reaction:
        """Ask the guard; its replan or retry becomes advice to the agent."""
        return self.guard.answered(view, step, answer)

    def used_up(self, view: View) -> Decision:
        """Ask the guard; its replan becomes advice to the agent."""
        return self.guard.used_up(view)

    def parts(self) -> Mapping[str, object]:
        """Return the parts that make up the guard."""
        return self.guard.parts()
