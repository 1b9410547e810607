"""The guarded agent: the policy of a session, which lets its agent decide and its guard object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from plandrift.sim.interfaces.policy import Acknowledgment, Decision, Observation, Policy, Reaction, Verdict
from plandrift.sim.interfaces.view import View
from plandrift.sim.terms.calls import Call, Step


@dataclass(frozen=True)
class GuardedAgent(Policy):
    """A guard around a real agent, under the agent's name.

    >>> GuardedAgent(title="my agent").name
    'my agent'
    """

    guard: Policy = field(default_factory=Policy)
    title: str = "agent"

    @property
    def name(self) -> str:
        """The agent's name."""
        return self.title

    @property
    def checks(self) -> Literal["prepare", "fire"]:
        """As the guard does."""
        return self.guard.checks

    @property
    def listens(self) -> bool:
        """As the guard does."""
        return self.guard.listens

    def observed(self, view: View, observation: Observation) -> Decision:
        """The guard decides; its replan is advice to the agent."""
        return self.guard.observed(view, observation)

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        """The guard decides."""
        return self.guard.before_fire(view, step, call)

    def answered(self, view: View, step: Step, answer: Acknowledgment) -> Reaction:
        """The guard decides; its replan and its retry are advice to the agent."""
        return self.guard.answered(view, step, answer)

    def used_up(self, view: View) -> Decision:
        """The guard decides; its replan is advice to the agent."""
        return self.guard.used_up(view)

    def parts(self) -> Mapping[str, object]:
        """What the guard is put together from."""
        return self.guard.parts()
