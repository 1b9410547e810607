"""Replan when anything new appears."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from plandrift.policies.triggers.broken import Broken
from plandrift.sim import Decision, Observation, View


@dataclass(frozen=True)
class New(Broken):
    """Replan when the plan breaks, or when the news reports something that did not exist before.

    Attributes:
        watches: the fluents that count, as patterns.
    """

    watches: tuple[str, ...] = ("*",)

    def observed(self, view: View, seen: Observation) -> Decision:
        """Replan if the news unsettles the plan, or if a watched fluent now has a value."""
        for fluent in seen.news:
            if view.belief[fluent] is not None and any(fnmatchcase(fluent, p) for p in self.watches):
                return Decision("replan", f"{fluent} is new")
        return super().observed(view, seen)
