"""Faults: how planner, hand-off and executor go wrong, each declared once, where its rate is set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from plandrift.sim.settings.fields import Settings, setting

Rate = float | dict[str, float]
"""A probability for every call, or one for each action by name."""


@dataclass(frozen=True)
class Fault:
    """A cause of failures: what it is blamed as, and how a failed step that it struck reads in MAST.

    The rate of a fault is the setting that declares it; its draws come from the stream of the same name.

    Attributes:
        cause: what a failure is blamed as.
        meaning: what happened, in a line.
        failing: what is seen of it: a clause for a heading.
        right: what a right agent does instead.
        rank: its place among the causes, from 1: the first that fits is the cause.
        mast: the MAST codes of a step that it struck.
        unchecked: those where no check of the effects followed.
        passed: those where a check of the effects passed all the same.
        outcome: it is blamed only for this outcome; empty for any.
        mismatch: whether the call made is then not the planned one, which is a failure by itself.
        drifts: whether the step met a world that had moved, and is read as such.
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
    """A setting that is the rate of a fault, between 0 and 1."""
    made = setting(default, meaning, low=0, high=1)
    return field(default=default, metadata={**made.metadata, "fault": declared})


def faults_of(*parts: type[Settings]) -> Mapping[str, Fault]:
    """The faults that these settings declare, by cause, in the order in which they are blamed."""
    found = [f.metadata["fault"] for part in parts for f in fields(part) if "fault" in f.metadata]
    return {one.cause: one for one in sorted(found, key=lambda one: one.rank)}


def rate_for(rate: Rate, action: str) -> float:
    """The probability for this action; an action that a table does not name has none."""
    return rate.get(action, 0.0) if isinstance(rate, dict) else rate
