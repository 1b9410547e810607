"""Scaffold: describe in one line what this policy does.

plandrift run records --policy scaffold_module:Scaffold --latency 1
plandrift check scaffold_module:Scaffold
"""

from __future__ import annotations

from dataclasses import dataclass

from plandrift import (
    FIRE,
    KEEP,
    Acknowledgment,
    Call,
    Decision,
    Observation,
    Policy,
    Reaction,
    Step,
    Verdict,
    View,
    setting,
)


@dataclass(frozen=True)
class Scaffold(Policy):
    """Replan when news breaks the plan, block calls that the belief contradicts, and give up in the end.

    A policy holds no state and decides from the view alone: the belief, the plan, the time, the counts.
    If you delete a method, its question is answered by going on as planned. Each field declared with
    `setting` can be set with `--set policy.patience=5`, be swept over, and is checked against its limits.
    """

    patience: int = setting(3, "failures of a step in a row before giving up", unit="failures", low=1)

    def observed(self, view: View, observation: Observation) -> Decision:
        """Answer the first question: news has reached the belief; keep the plan, or replan?"""
        fluent = view.unsettles(observation.news)
        return KEEP if fluent is None else Decision("replan", f"{fluent} changed")

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        """Answer the second question: should this call, which is about to fire for this step, fire?

        `Verdict("read")` would first read the step's assumptions fresh and then ask again, `"warn"` would
        note the reason but fire, `"block"` requests a new plan.
        """
        if call != step.call:
            return Verdict("block", f"the plan names {step.call}")
        violated = view.violated()
        return Verdict("block", f"{', '.join(violated)} changed") if violated else FIRE

    def answered(self, view: View, step: Step, answer: Acknowledgment) -> Reaction:
        """Answer the third question: after this answer, go on, verify, retry, replan, or give up?"""
        if answer.failures >= self.patience:
            return Reaction("give-up", f"{step.call} failed {answer.failures} times")
        return super().answered(view, step, answer)
