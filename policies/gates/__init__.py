"""Gates: what is asked before a call fires. A gate of one's own is one file here and one line below.

They are asked in this order, and the first that objects decides. The policy's setting of the same
name puts a gate in.
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
    """The settings that a gate may be made from."""

    @property
    def reads(self) -> Literal["belief", "fresh"]:
        """Trust the belief, or read fresh."""
        ...

    @property
    def compares(self) -> Compares:
        """Values or versions."""
        ...

    @property
    def on_violation(self) -> Literal["block", "warn"]:
        """Block, or note it and fire."""
        ...


GATES: dict[str, Callable[[GateSettings], Gate]] = {
    "idempotent": lambda _: Idempotence(),
    "reconcile": lambda _: Reconcile(),
    "drift_gate": lambda parts: DriftGate(parts.reads, parts.compares, parts.on_violation),
}
"""Every gate by the setting that puts it in, with what makes it of a policy's settings."""

__all__ = ["GATES", "Gate", "GateSettings"]
