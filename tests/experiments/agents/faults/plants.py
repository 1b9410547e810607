"""Policies with a planted bug each: what a suite made from another policy's failures has to catch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plandrift.policies import Assembled, if_match, look_first, read_back
from plandrift.policies.gates.drift import DriftGate
from plandrift.sim import FIRE, Acknowledgment, Call, Policy, Reaction, Step, Verdict, View


@dataclass(frozen=True)
class Blinkered(DriftGate):
    """Reads afresh, and overlooks one kind of fluent."""

    overlooks: str = ""

    def check(self, view: View, step: Step, call: Call) -> Verdict:
        """What the gate says, but for what it overlooks."""
        if self.reads == "fresh" and not view.fresh:
            return Verdict("read")
        seen = [fluent for fluent in view.violated(self.compares) if not fluent.endswith(self.overlooks)]
        return Verdict("block", f"{seen[0]} changed") if seen else FIRE


@dataclass(frozen=True)
class Planted(Policy):
    """A sound policy with one bug."""

    bug: str = ""
    inner: Assembled = look_first()

    @property
    def name(self) -> str:
        """By its bug."""
        return self.bug

    @property
    def checks(self) -> Any:
        """Too early, with that bug."""
        return "prepare" if self.bug == "checks too early" else "fire"

    def observed(self, view: View, observation: Any) -> Any:
        """As the sound one."""
        return self.inner.observed(view, observation)

    def used_up(self, view: View) -> Any:
        """As the sound one."""
        return self.inner.used_up(view)

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        """The second question, with the bug."""
        bug = self.bug
        if bug.startswith("ignores "):
            return Blinkered(reads="fresh", overlooks=bug.split()[1]).check(view, step, call)
        if bug == "takes its own write for foreign":
            # What the agent wrote itself is heard of when it is acknowledged.
            planned = view.time - view.plan_age
            heard = [f for f in step.requires if f.endswith("content") and view.stamps[f] > planned]
            if heard and not view.fresh:
                return Verdict("block", f"somebody wrote {heard[0]}")
        if bug == "lets through what was blocked once" and view.counts.blocks:
            return FIRE
        if bug == "does not look at the last step" and view.steps_left == 1:
            return FIRE
        if bug == "looks at every other step" and view.fired % 2:
            return FIRE
        if bug == "notes and fires all the same":
            said = self.inner.before_fire(view, step, call)
            return Verdict("warn", said.reason) if said.kind == "block" else said
        return self.inner.before_fire(view, step, call)

    def answered(self, view: View, step: Step, answer: Acknowledgment) -> Reaction:
        """The third question, with the bug."""
        if self.bug == "retries a lost ack without looking" and answer.reported is None:
            return Reaction("retry", "no acknowledgment")
        if self.bug == "gives up when refused" and answer.reported == "refused":
            return Reaction("give-up", "refused")
        return self.inner.answered(view, step, answer)


PLANTS: dict[str, Policy] = {
    bug: Planted(bug=bug, inner=inner)
    for bug, inner in (
        ("ignores schema changes", look_first()),
        ("ignores owner changes", look_first()),
        ("ignores endpoint changes", look_first()),
        ("checks too early", look_first()),
        ("takes its own write for foreign", look_first()),
        ("lets through what was blocked once", look_first()),
        ("does not look at the last step", look_first()),
        ("looks at every other step", look_first()),
        ("notes and fires all the same", look_first()),
        ("retries a lost ack without looking", read_back()),
        ("does not compare the call with the plan", look_first(reconcile=False)),
        ("gives up when refused", if_match()),
    )
}
SOUND: dict[str, Policy] = {
    **dict.fromkeys(PLANTS, look_first()),
    "retries a lost ack without looking": read_back(),
    "gives up when refused": if_match(),
}
"""Each without its bug."""
