"""The verifier: after a call, read the world to see whether the call had its effects."""

from __future__ import annotations

from dataclasses import dataclass

from plandrift.sim import VERIFY, Acknowledgment, Reaction


@dataclass(frozen=True)
class ReadBack:
    """Verify each call that is not known to have failed, and repeat it if its effects are missing.

    Attributes:
        again: ``retry`` the step, or ``replan``, when a check finds the effects missing.
    """

    again: str = "replan"

    def check(self, answer: Acknowledgment) -> Reaction | None:
        """Return the reaction to the answer, or None to leave it to the trigger."""
        if answer.reported in ("error", "refused") or answer.verified:
            return None
        if answer.verified is None:
            return VERIFY
        return Reaction("retry" if self.again == "retry" else "replan", "the effects are missing")
