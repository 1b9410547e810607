"""The drift gate: before a step fires, its assumptions are compared with the belief."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from plandrift.sim import FIRE, Call, Compares, Step, Verdict, View


@dataclass(frozen=True)
class DriftGate:
    """Refuse a step whose assumptions no longer hold.

    Attributes:
        reads: ``belief`` trusts the last observation; ``fresh`` reads the assumptions first.
        compares: values; versions (whether the fluent has been written since the basis); or the values of
            the regions that the call changes, but not of those that it writes back as they were read.
        on_violation: ``block`` (and replan), or ``warn`` (note the violation but fire).
    """

    reads: Literal["belief", "fresh"] = "belief"
    compares: Compares = "value"
    on_violation: Literal["block", "warn"] = "block"

    def check(self, view: View, step: Step, call: Call) -> Verdict:
        """Return the verdict on the call."""
        if self.reads == "fresh" and not view.fresh:
            return Verdict("read")
        violated = view.violated(self.compares)
        if not violated:
            return FIRE
        return Verdict(self.on_violation, f"{', '.join(violated)} changed")
