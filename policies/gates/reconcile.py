"""The reconcile gate: the call about to fire is compared with the plan's step."""

from __future__ import annotations

from dataclasses import dataclass

from plandrift.sim import FIRE, Call, Step, Verdict, View


@dataclass(frozen=True)
class Reconcile:
    """Refuse a call that is not the one the plan names."""

    def check(self, view: View, step: Step, call: Call) -> Verdict:
        """Return the verdict on the call."""
        return FIRE if call == step.call else Verdict("block", f"the plan names {step.call}")
