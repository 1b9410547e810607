"""Bounds on replanning: a budget, an interval, a debounce, a back-off, a limit on failures or thinking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from plandrift.sim import KEEP, Acknowledgment, Decision, Reaction, Verdict, View, setting
from plandrift.sim.settings.fields import Settings


@dataclass(frozen=True)
class Bounds(Settings):
    """What holds a policy back from replanning, whichever of its parts wants to.

    Two kinds. Those of time (interval, debounce, back-off, share of thinking) only put replanning
    off: a trigger within the interval is dropped, a gate holds its call until a replan is allowed.
    Those of number (budget, failures) are met once and for all: then the agent gives up, or goes on
    with what it has, and a gate that may not replan passes its step over.
    """

    max_replans: int | None = setting(None, "budget of replans after the first plan", low=0)
    min_interval: float = setting(0.0, "least time between two replans", unit="time", low=0)
    debounce: float = setting(
        0.0, "replan on news only after it has been quiet for so long", unit="time", low=0
    )
    backoff: float = setting(
        0.0,
        "least time after a replan, doubled with each that follows with nothing fired between",
        unit="time",
        low=0,
    )
    max_failures: int | None = setting(
        None, "stop after the same step has failed so often in a row", unit="failures", low=1
    )
    max_thinking_share: float | None = setting(
        None, "greatest share of the time that may be spent thinking", low=0, high=1
    )
    when_bounded: Literal["give-up", "go-on"] = setting(
        "give-up",
        "at the budget or the limit of failures: give up, or go on with what there is",
        choices=("give-up", "go-on"),
    )

    def bound_decision(self, view: View, decision: Decision) -> Decision:
        """A decision on an observation, as far as the bounds let it be."""
        if decision.kind != "replan":
            return decision
        if self._spent(view):
            return Decision("give-up", self._budget()) if self._gives_up else KEEP
        if self._wait(view) > 0:
            return KEEP
        return decision._replace(after=self.debounce) if self.debounce else decision

    def bound_end(self, view: View, decision: Decision) -> Decision:
        """A decision when the plan is used up: a replan may have to wait."""
        if decision.kind != "replan":
            return decision
        if self._spent(view):
            return Decision("give-up", self._budget()) if self._gives_up else KEEP
        return decision._replace(after=self._wait(view))

    def bound_verdict(self, view: View, verdict: Verdict) -> Verdict:
        """A verdict before a fire, as far as the bounds let it be."""
        if verdict.kind not in ("block", "replan") or verdict.skip:
            return verdict
        if self._spent(view):
            if self._gives_up:
                return Verdict("give-up", self._budget())
            return verdict._replace(kind="block", skip=True)
        wait = self._wait(view)
        return verdict._replace(after=wait) if wait > 0 else verdict

    def bound_reaction(self, view: View, reaction: Reaction, answer: Acknowledgment) -> Reaction:
        """A reaction to an answer, as far as the bounds let it be."""
        if reaction.kind not in ("replan", "retry"):
            return reaction
        if self.max_failures is not None and answer.failures >= self.max_failures:
            reason = f"the same step failed {answer.failures} times"
            return Reaction("give-up" if self._gives_up else "go-on", reason)
        if reaction.kind == "retry":
            return reaction
        if self._spent(view):
            return Reaction("give-up" if self._gives_up else "go-on", self._budget())
        wait = self._wait(view)
        return reaction._replace(after=wait) if wait > 0 else reaction

    @property
    def _gives_up(self) -> bool:
        return self.when_bounded == "give-up"

    def _budget(self) -> str:
        return f"budget of {self.max_replans} replans spent"

    def _spent(self, view: View) -> bool:
        return self.max_replans is not None and view.counts.requested >= self.max_replans

    def _wait(self, view: View) -> float:
        """How long it is until the bounds of time let a replan be asked for."""
        counts = view.counts
        gap = self.min_interval
        if self.backoff and counts.unfired_requests:
            # Past 2^40 it is as good as never, and the power would overflow.
            gap = max(gap, self.backoff * 2.0 ** min(counts.unfired_requests - 1, 40))
        wait = counts.last_request + gap - view.time
        if self.max_thinking_share is not None and view.counts.thinking > 0:
            allowed = max(self.max_thinking_share, 1e-12)
            wait = max(wait, view.counts.thinking / allowed - view.time)
        return max(wait, 0.0)
