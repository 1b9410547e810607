"""The idempotence gate: a call is not made again if the belief already shows its effect."""

from __future__ import annotations

from dataclasses import dataclass

from plandrift.sim import FIRE, Call, Step, Verdict, View


@dataclass(frozen=True)
class Idempotence:
    """Refuse work that is already done, and go on with the next step."""

    def check(self, view: View, step: Step, call: Call) -> Verdict:
        """Return the verdict on the call."""
        return Verdict("block", "already done", skip=True) if view.shows_done() else FIRE
