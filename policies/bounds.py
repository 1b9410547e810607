"""Bounds on replanning: a budget, an interval, a debounce, a back-off, a limit on failures or thinking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from plandrift.sim import KEEP, Acknowledgment, Decision, Reaction, Verdict, View, setting
from plandrift.sim.settings.fields import Settings


@dataclass(frozen=True)
class Bounds(Settings):
    """Limits on a policy's replanning, whichever of its parts asks for the replan.

    There are two kinds. Limits of time (interval, debounce, back-off, share of thinking) only delay
    replanning: a trigger within the interval is dropped, and a gate holds its call until a replan is allowed.
    Limits of number (budget, failures) are final once reached: the agent then gives up, or goes on
    with the plan it has, and a gate that may not replan skips its step.
    """

    max_replans: int | None = setting(None, "greatest number of replans after the first plan", low=0)
    min_interval: float = setting(0.0, "least time between two replans", unit="time", low=0)
    debounce: float = setting(
        0.0, "replan on news only after this long without further news", unit="time", low=0
    )
    backoff: float = setting(
        0.0,
        "least time after a replan, doubled with each further replan before anything is fired",
        unit="time",
        low=0,
    )
    max_failures: int | None = setting(
        None, "stop after the same step has failed this often in a row", unit="failures", low=1
    )
    max_thinking_share: float | None = setting(
        None, "greatest share of the time that may be spent thinking", low=0, high=1
    )
    when_bounded: Literal["give-up", "go-on"] = setting(
        "give-up",
        "at the limit of replans or failures: give up, or go on with the current plan",
        choices=("give-up", "go-on"),
    )

    def bound_decision(self, view: View, decision: Decision) -> Decision:
        """Restrict a decision on an observation to what the bounds allow."""
        if decision.kind != "replan":
            return decision
        if self._spent(view):
            return Decision("give-up", self._budget()) if self._gives_up else KEEP
        if self._wait(view) > 0:
            return KEEP
        return decision._replace(after=self.debounce) if self.debounce else decision

    def bound_end(self, view: View, decision: Decision) -> Decision:
        """Restrict a decision at the plan's end to what the bounds allow: a replan may have to wait."""
        if decision.kind != "replan":
            return decision
        if self._spent(view):
            return Decision("give-up", self._budget()) if self._gives_up else KEEP
        return decision._replace(after=self._wait(view))

    def bound_verdict(self, view: View, verdict: Verdict) -> Verdict:
        """Restrict a verdict before a fire to what the bounds allow."""
        if verdict.kind not in ("block", "replan") or verdict.skip:
            return verdict
        if self._spent(view):
            if self._gives_up:
                return Verdict("give-up", self._budget())
            return verdict._replace(kind="block", skip=True)
        wait = self._wait(view)
        return verdict._replace(after=wait) if wait > 0 else verdict

    def bound_reaction(self, view: View, reaction: Reaction, answer: Acknowledgment) -> Reaction:
        """Restrict a reaction to an answer to what the bounds allow."""
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
        """Return how long it takes until the limits of time allow a replan."""
        counts = view.counts
        gap = self.min_interval
        if self.backoff and counts.unfired_requests:
            # Beyond 2^40 it is as good as never, and the power would overflow.
            gap = max(gap, self.backoff * 2.0 ** min(counts.unfired_requests - 1, 40))
        wait = counts.last_request + gap - view.time
        if self.max_thinking_share is not None and view.counts.thinking > 0:
            allowed = max(self.max_thinking_share, 1e-12)
            wait = max(wait, view.counts.thinking / allowed - view.time)
        return max(wait, 0.0)
