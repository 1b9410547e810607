"""A policy put together from parts: a trigger, gates, and a verifier, each a setting of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal, Protocol

from policies.bounds import Bounds
from policies.drift_gate import DriftGate
from policies.idempotence import Idempotence
from policies.reconcile import Reconcile
from policies.triggers import (
    Better,
    Broken,
    EachObservation,
    EverySteps,
    Never,
    New,
    Touched,
    Trigger,
)
from policies.verify import ReadBack
from sim import (
    FIRE,
    Answered,
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


class Gate(Protocol):
    """A part that is asked before a call fires."""

    def check(self, view: View, step: Step, call: Call) -> Verdict:
        """What to do with the call."""


@dataclass(frozen=True)
class Assembled(Bounds, Policy):
    """Any of the named policies, or another put together from the same parts.

    An ablation is a change of one word: ``gated(drift_gate=False)``.
    """

    trigger: str = setting(
        "never",
        "what makes it replan: never, each observation, one that touches the plan, the plan broken, "
        "that or something better, that or anything new, every so many steps",
        choices=("never", "observation", "touched", "broken", "better", "new", "steps"),
    )
    every: int = setting(1, "with trigger = steps: replan after so many", unit="steps", low=1)
    watches: tuple[str, ...] = setting(
        ("*",), "with trigger = new: the fluents that count: names, or patterns with * and ?"
    )
    drift_gate: bool = setting(False, "check the step's assumptions before it fires")
    reconcile: bool = setting(False, "check the call against the plan's step before it fires")
    verify: bool = setting(False, "read back the effects after the answer")
    idempotent: bool = setting(False, "refuse a call whose effect the belief already shows")
    reads: Literal["belief", "fresh"] = setting(
        "belief", "the drift gate trusts the belief, or reads fresh", choices=("belief", "fresh")
    )
    compares: Literal["value", "version"] = setting(
        "value", "trigger and drift gate compare values, or versions", choices=("value", "version")
    )
    on_violation: Literal["block", "warn"] = setting(
        "block", "the drift gate blocks and replans, or notes it and fires", choices=("block", "warn")
    )
    checks: Literal["prepare", "fire"] = setting(
        "fire", "gates run when the call is prepared, or when it fires", choices=("prepare", "fire")
    )
    repair: bool = setting(False, "a replan keeps the longest tail of the plan that can still be reached")
    title: str = "assembled"

    @property
    def name(self) -> str:
        """The name it was made by."""
        return self.title

    @property
    def repairs(self) -> bool:
        """As `repair` says."""
        return self.repair

    @cached_property
    def _trigger(self) -> Trigger:
        if self.trigger == "observation":
            return EachObservation()
        if self.trigger == "touched":
            return Touched(self.compares)
        if self.trigger == "broken":
            return Broken(self.compares)
        if self.trigger == "better":
            return Better(self.compares)
        if self.trigger == "new":
            return New(self.compares, self.watches)
        if self.trigger == "steps":
            return EverySteps(self.every)
        return Never()

    @cached_property
    def _gates(self) -> tuple[Gate, ...]:
        gates: list[Gate] = []
        if self.idempotent:
            gates.append(Idempotence())
        if self.reconcile:
            gates.append(Reconcile())
        if self.drift_gate:
            gates.append(DriftGate(self.reads, self.compares, self.on_violation))
        return tuple(gates)

    @cached_property
    def _verifier(self) -> ReadBack | None:
        return ReadBack("retry" if self.trigger == "never" else "replan") if self.verify else None

    def observed(self, view: View, observation: Observation) -> Decision:
        """The trigger decides."""
        return self.bound_decision(view, self._trigger.observed(view, observation))

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        """The first gate that objects decides."""
        for gate in self._gates:
            verdict = gate.check(view, step, call)
            if verdict is not FIRE:
                return self.bound_verdict(view, verdict)
        return FIRE

    def answered(self, view: View, step: Step, answer: Answered) -> Reaction:
        """The verifier decides where there is one, then the trigger."""
        return self.bound_reaction(view, self._react(view, step, answer), answer)

    def _react(self, view: View, step: Step, answer: Answered) -> Reaction:
        if self._verifier is not None:
            reaction = self._verifier.check(answer)
            if reaction is not None:
                return reaction
        elif answer.reported is None:
            return super().answered(view, step, answer)
        return self._trigger.answered(view, answer)

    def used_up(self, view: View) -> Decision:
        """The trigger decides."""
        return self.bound_end(view, self._trigger.used_up(view))

    def parts(self) -> Mapping[str, Any]:
        """The settings that differ from an assembled policy with no parts."""
        return {
            f.name: getattr(self, f.name)
            for f in fields(self)
            if f.metadata and getattr(self, f.name) != f.default
        }
