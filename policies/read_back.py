"""Read-back after: look in the world whether the call had its effects."""

from __future__ import annotations

from dataclasses import dataclass

from plandrift.sim import VERIFY, Acknowledgment, Reaction


@dataclass(frozen=True)
class ReadBack:
    """Verify each call that is not known to have failed; do it again if the effects are not there.

    Attributes:
        again: ``retry`` the step, or ``replan``, when a check finds the effects missing.
    """

    again: str = "replan"

    def check(self, answer: Acknowledgment) -> Reaction | None:
        """What to do after the answer, None to leave it to the trigger."""
        if answer.reported in ("error", "refused") or answer.verified:
            return None
        if answer.verified is None:
            return VERIFY
        return Reaction("retry" if self.again == "retry" else "replan", "the effects are missing")
