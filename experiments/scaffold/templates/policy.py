"""Scaffold: say in a line what this policy does.

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
    """Replan when news unsettles the plan, block what the belief contradicts, give up in the end.

    A policy holds no state and decides by the view alone: the belief, the plan, the time, the counts.
    A question whose method you delete is answered by going on as planned. Each field made by `setting`
    can be given as `--set policy.patience=5`, swept over, and is checked against its limits.
    """

    patience: int = setting(3, "failures of one step in a row before it gives up", unit="failures", low=1)

    def observed(self, view: View, observation: Observation) -> Decision:
        """The first question: news has reached the belief. Keep the plan, or replan?"""
        fluent = view.unsettles(observation.news)
        return KEEP if fluent is None else Decision("replan", f"{fluent} changed")

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        """The second question: this call is about to fire for this step. Let it?

        `Verdict("read")` would read the step's assumptions fresh first and ask again, `"warn"` would
        note the reason and fire all the same, `"block"` asks for a new plan.
        """
        if call != step.call:
            return Verdict("block", f"the plan names {step.call}")
        violated = view.violated()
        return Verdict("block", f"{', '.join(violated)} changed") if violated else FIRE

    def answered(self, view: View, step: Step, answer: Acknowledgment) -> Reaction:
        """The third question: this came back. Go on, verify, retry, replan, or give up?"""
        if answer.failures >= self.patience:
            return Reaction("give-up", f"{step.call} failed {answer.failures} times")
        return super().answered(view, step, answer)
