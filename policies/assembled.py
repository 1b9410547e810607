"""A policy assembled from parts: a trigger, gates, if-match, a verifier and bounds, all of them settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal

from plandrift.policies.bounds import Bounds
from plandrift.policies.gates import GATES, Gate
from plandrift.policies.read_back import ReadBack
from plandrift.policies.triggers import TRIGGERS, Trigger
from plandrift.sim import (
    FIRE,
    REFRESH,
    Acknowledgment,
    Call,
    Compares,
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
class Assembled(Bounds, Policy):
    """Any of the named policies, or another assembled from the same parts.

    An ablation takes a change of one word: ``gated(drift_gate=False)``.

    >>> from plandrift.policies import gated
    >>> gated(drift_gate=False).parts()
    {'trigger': 'touched', 'reconcile': True, 'on_error': 'refresh'}
    """

    trigger: str = setting(
        "never",
        "what makes it replan: nothing (never), any observation, one that touches the plan (touched), one "
        "that breaks it (broken), that or something better, that or anything new, a number of steps",
        choices=tuple(TRIGGERS),
    )
    every: int | None = setting(
        1, "with trigger = steps: replan after so many; none: only at the plan's end", unit="steps", low=1
    )
    watches: tuple[str, ...] = setting(
        ("*",), "with trigger = new: the fluents that count: names, or patterns with * and ?"
    )
    drift_gate: bool = setting(False, "check the step's assumptions before it fires")
    reconcile: bool = setting(False, "check the call against the plan's step before it fires")
    verify: bool = setting(False, "read back the effects after the answer")
    idempotent: bool = setting(False, "refuse a call whose effect the belief already shows")
    reads: Literal["belief", "fresh"] = setting(
        "belief", "whether the drift gate trusts the belief or reads fresh", choices=("belief", "fresh")
    )
    compares: Compares = setting(
        "value",
        "whether trigger and drift gate compare values, versions, or the values only of the regions that the "
        "call changes, and not of those that it writes back as they were read",
        choices=("value", "version", "region"),
    )
    on_violation: Literal["block", "warn"] = setting(
        "block", "on a violation, the drift gate blocks and replans, or only warns", choices=("block", "warn")
    )
    checks: Literal["prepare", "fire"] = setting(
        "fire", "whether gates run when the call is prepared or when it fires", choices=("prepare", "fire")
    )
    if_match: Literal["none", "value", "version"] = setting(
        "none",
        "let each call carry its step's assumptions, so that the world refuses it if one does not hold when "
        "it lands; compared by value or by version",
        choices=("none", "value", "version"),
    )
    declares: float = setting(
        1.0, "with if_match: share of the assumptions that a call carries", unit="share", low=0, high=1
    )
    on_refusal: Literal["replan", "retry"] = setting(
        "replan",
        "with if_match, after a refusal: read what the call depends on and replan, or make the same call "
        "again with the versions just read, whatever the values are",
        choices=("replan", "retry"),
    )
    hands_back: bool = setting(
        False,
        "with if_match: a refusal contains the current values of what the call carried, so no read is needed",
    )
    keyed: bool = setting(
        False, "let each call carry a key, by which the world recognizes a retry and does its work only once"
    )
    on_error: Literal["go-on", "refresh"] = setting(
        "go-on",
        "after a reported error: do what the trigger says (go-on), or read the step's assumptions and replan",
        choices=("go-on", "refresh"),
    )
    repair: bool = setting(False, "let a replan keep the longest tail of the plan that can still be reached")
    title: str = "assembled"

    @property
    def name(self) -> str:
        """The policy's name, such as ``gated``."""
        return self.title

    @property
    def repairs(self) -> bool:
        """The value of `repair`."""
        return self.repair

    @property
    def listens(self) -> bool:
        """The same as the trigger's."""
        return self._trigger.listens

    @cached_property
    def _trigger(self) -> Trigger:
        return TRIGGERS[self.trigger](self)

    @cached_property
    def _gates(self) -> tuple[Gate, ...]:
        return tuple(made(self) for name, made in GATES.items() if getattr(self, name) not in (False, None))

    @cached_property
    def _verifier(self) -> ReadBack | None:
        return ReadBack("retry" if self.trigger == "never" else "replan") if self.verify else None

    @cached_property
    def _passed(self) -> Verdict:
        """The verdict on a call to which no gate objects."""
        if self.if_match == "none":
            return FIRE._replace(keyed=self.keyed)
        return Verdict(
            "if-match",
            compares=self.if_match,
            declares=self.declares,
            hands_back=self.hands_back,
            keyed=self.keyed,
        )

    def observed(self, view: View, observation: Observation) -> Decision:
        """The trigger decides."""
        return self.bound_decision(view, self._trigger.observed(view, observation))

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        """Return the verdict of the first gate that objects."""
        for gate in self._gates:
            verdict = gate.check(view, step, call)
            if verdict.kind != "fire":
                return self.bound_verdict(view, verdict._replace(keyed=self.keyed))
        if self.on_refusal == "retry" and self.if_match == "version" and step.call in view.counts.failures:
            return self._passed._replace(compares="latest")
        return self._passed

    def answered(self, view: View, step: Step, answer: Acknowledgment) -> Reaction:
        """After a refusal (or error, see `on_error`), read and replan; else ask verifier, then trigger."""
        return self.bound_reaction(view, self._react(view, step, answer), answer)

    def _react(self, view: View, step: Step, answer: Acknowledgment) -> Reaction:
        if answer.reported == "refused" or (answer.reported == "error" and self.on_error == "refresh"):
            if not (answer.refreshed or (answer.reported == "refused" and self.hands_back)):
                return REFRESH
            again = answer.reported == "refused" and self.on_refusal == "retry"
            return Reaction("retry" if again else "replan", answer.reported)
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
        """Return the settings that differ from those of an assembled policy without parts."""
        return {
            f.name: getattr(self, f.name)
            for f in fields(self)
            if f.metadata and getattr(self, f.name) != f.default
        }
