"""What a gate is: a part that is asked before a call fires."""

from __future__ import annotations

from typing import Protocol

from plandrift.sim import Call, Step, Verdict, View


class Gate(Protocol):
    """A part that is asked before a call fires."""

    def check(self, view: View, step: Step, call: Call) -> Verdict:
        """What to do with the call."""
        ...
