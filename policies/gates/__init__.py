"""Gates: the checks before a call fires. To add your own, write one file here and one line below.

They are asked in this order, and the first that objects decides. A gate is switched on by the policy setting
of the same name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from plandrift.policies.gates.drift import DriftGate
from plandrift.policies.gates.gate import Gate
from plandrift.policies.gates.idempotence import Idempotence
from plandrift.policies.gates.reconcile import Reconcile
from plandrift.sim import Compares


class GateSettings(Protocol):
    """The policy settings that a gate may use."""

    @property
    def reads(self) -> Literal["belief", "fresh"]:
        """Whether to trust the belief or read fresh."""
        ...

    @property
    def compares(self) -> Compares:
        """Whether to compare values, versions, or the values of the regions that the call changes."""
        ...

    @property
    def on_violation(self) -> Literal["block", "warn"]:
        """Whether to block or only warn."""
        ...


GATES: dict[str, Callable[[GateSettings], Gate]] = {
    "idempotent": lambda _: Idempotence(),
    "reconcile": lambda _: Reconcile(),
    "drift_gate": lambda parts: DriftGate(parts.reads, parts.compares, parts.on_violation),
}
"""Every gate by the setting that switches it on, with a function that makes it from a policy's settings."""

__all__ = ["GATES", "Gate", "GateSettings"]
