"""Triggers: what makes a policy replan. A trigger of one's own is one file here and one line below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from policies.triggers.better import Better
from policies.triggers.broken import Broken
from policies.triggers.each_observation import EachObservation
from policies.triggers.every_steps import EverySteps
from policies.triggers.never import Never
from policies.triggers.new import New
from policies.triggers.touched import Touched
from policies.triggers.trigger import Trigger
from sim import Compares


class TriggerSettings(Protocol):
    """The settings that a trigger may be made from."""

    @property
    def every(self) -> int:
        """Replan after so many steps."""
        ...

    @property
    def watches(self) -> tuple[str, ...]:
        """The fluents that count."""
        ...

    @property
    def compares(self) -> Compares:
        """Values or versions."""
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
"""Every trigger by the word that `policy.trigger` takes, with what makes it of a policy's settings."""

__all__ = ["TRIGGERS", "Trigger", "TriggerSettings"]
