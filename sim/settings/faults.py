"""Faults of planner, hand-off and executor, each declared once, together with the setting of its rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from plandrift.sim.settings.fields import Settings, setting

Rate = float | dict[str, float]
"""One probability for all calls, or one per action, by name."""


@dataclass(frozen=True)
class Fault:
    """A cause of failures: its name, what it looks like, and the MAST codes of a failed step that it struck.

    The setting that declares a fault is its rate; its draws come from the stream of the same name.

    Attributes:
        cause: the name of the cause.
        meaning: what happened, in one line.
        failing: what an observer sees: a clause for a heading.
        right: what a correct agent does instead: a clause without its subject.
        rank: its position among the causes, from 1: the first that fits is taken.
        mast: the MAST codes of a step that it struck.
        unchecked: further codes if the effects were not checked.
        passed: further codes if a check of the effects passed anyway.
        outcome: the only outcome that can be attributed to it; empty for any.
        mismatch: whether the call made then differs from the planned one, which is a failure in itself.
        drifts: whether the step met a world that had moved, and takes the MAST code of drift.
    """

    cause: str
    meaning: str
    failing: str
    right: str
    rank: int
    mast: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    outcome: str = ""
    mismatch: bool = False
    drifts: bool = False


def fault(declared: Fault, meaning: str, *, default: float = 0.0) -> Any:
    """Declare a setting that is the rate of a fault, between 0 and 1."""
    made = setting(default, meaning, low=0, high=1)
    return field(default=default, metadata={**made.metadata, "fault": declared})


def faults_of(*parts: type[Settings]) -> Mapping[str, Fault]:
    """Return the faults that these settings declare, by cause, in order of rank."""
    found = [f.metadata["fault"] for part in parts for f in fields(part) if "fault" in f.metadata]
    return {one.cause: one for one in sorted(found, key=lambda one: one.rank)}


def rate_for(rate: Rate, action: str) -> float:
    """Return the probability for this action; 0 for an action that a table does not name."""
    return rate.get(action, 0.0) if isinstance(rate, dict) else rate
