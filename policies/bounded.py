"""Bounds around any policy, for policies that are not assembled from parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from plandrift.policies.bounds import Bounds
from plandrift.sim import Acknowledgment, Call, Decision, Observation, Policy, Reaction, Step, Verdict, View


@dataclass(frozen=True)
class Bounded(Bounds, Policy):
    """Any policy, restrained by bounds.

    >>> from plandrift.policies import gated
    >>> Bounded(inner=gated(), max_replans=3).name
    'bounded(gated)'
    """

    inner: Policy = field(default_factory=Policy)

    @property
    def name(self) -> str:
        """``bounded`` with the name of the policy inside, in brackets."""
        return f"bounded({self.inner.name})"

    @property
    def checks(self) -> Literal["prepare", "fire"]:
        """As the policy inside."""
        return self.inner.checks

    @property
    def repairs(self) -> bool:
        """As the policy inside."""
        return self.inner.repairs

    @property
    def listens(self) -> bool:
        """As the policy inside."""
        return self.inner.listens

    def observed(self, view: View, observation: Observation) -> Decision:
        """The policy inside decides, within the bounds."""
        return self.bound_decision(view, self.inner.observed(view, observation))

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        """The policy inside decides, within the bounds."""
        return self.bound_verdict(view, self.inner.before_fire(view, step, call))

    def answered(self, view: View, step: Step, answer: Acknowledgment) -> Reaction:
        """The policy inside decides, within the bounds."""
        return self.bound_reaction(view, self.inner.answered(view, step, answer), answer)

    def used_up(self, view: View) -> Decision:
        """The policy inside decides, within the bounds."""
        return self.bound_end(view, self.inner.used_up(view))

    def parts(self) -> Mapping[str, object]:
        """Return the parts of the policy inside."""
        return self.inner.parts()
