"""Triggers: what makes a policy replan. To add your own, write one file here and one line below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from plandrift.policies.triggers.better import Better
from plandrift.policies.triggers.broken import Broken
from plandrift.policies.triggers.each_observation import EachObservation
from plandrift.policies.triggers.every_steps import EverySteps
from plandrift.policies.triggers.never import Never
from plandrift.policies.triggers.new import New
from plandrift.policies.triggers.touched import Touched
from plandrift.policies.triggers.trigger import Trigger
from plandrift.sim import Compares


class TriggerSettings(Protocol):
    """The policy settings that a trigger may use."""

    @property
    def every(self) -> int | None:
        """Replan after so many steps; None for only at the plan's end."""
        ...

    @property
    def watches(self) -> tuple[str, ...]:
        """The fluents that count, as patterns."""
        ...

    @property
    def compares(self) -> Compares:
        """Whether to compare values, versions, or the values of the regions that a call changes."""
        ...


TRIGGERS: dict[str, Callable[[TriggerSettings], Trigger]] = {
    "never": lambda _: Never(),
    "observation": lambda _: EachObservation(),
    "touched": lambda parts: Touched(parts.compares),
    "broken": lambda parts: Broken(parts.compares),
    "better": lambda parts: Better(parts.compares),
    "new": lambda parts: New(parts.compares, parts.watches),
    "steps": lambda parts: EverySteps(parts.every),
}
"""Every trigger by its word in `policy.trigger`, with a function that makes it from a policy's settings."""

__all__ = ["TRIGGERS", "Trigger", "TriggerSettings"]
