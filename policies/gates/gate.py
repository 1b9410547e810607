"""The gate interface: a part of a policy that is asked before a call fires."""

from __future__ import annotations

from typing import Protocol

from plandrift.sim import Call, Step, Verdict, View


class Gate(Protocol):
    """A part of a policy that is asked before a call fires."""

    def check(self, view: View, step: Step, call: Call) -> Verdict:
        """Return the verdict on the call."""
        ...
