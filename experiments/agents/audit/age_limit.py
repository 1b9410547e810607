"""An age limit: a call may not depend on what the agent has not seen for too long."""

from __future__ import annotations

from dataclasses import dataclass

from plandrift.sim import FIRE, Call, Policy, SettingError, Step, Verdict, View


@dataclass(frozen=True)
class AgeLimit(Policy):
    """Block a call that depends on something last seen longer ago than a limit.

    Attributes:
        seconds: the limit.
    """

    seconds: float

    @property
    def name(self) -> str:
        """The policy's name, such as ``age:600``."""
        return f"age:{self.seconds:g}"

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        """Block if the oldest thing that the step requires was seen too long ago."""
        oldest = min((view.stamps[fluent] for fluent in step.requires), default=view.time)
        return Verdict("block", "too old") if view.time - oldest > self.seconds else FIRE


def age_limit(name: str, wrong: str) -> float | None:
    """Return the seconds in a name such as ``age:60``; None if it is not of this form.

    Raises:
        SettingError: what stands there is no positive number; `wrong` is what it says.
    """
    kind, colon, limit = name.partition(":")
    if kind != "age" or not colon:
        return None
    try:
        seconds = float(limit)
    except ValueError:
        seconds = -1.0
    if not seconds > 0:
        raise SettingError(wrong)
    return seconds
