"""How an agent failed: the cause, the outcome and the circumstance, by which failures are grouped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from plandrift.sim import EVENT, Change, Episode, StepRecord
from plandrift.sim.measure.causes import EXPLAINED

CIRCUMSTANCES = {
    "on the way": "the change came while the call was on its way",
    "unheard": "the change came before the fire, and its news had not arrived",
    "heard": "the agent had heard of the change before it fired",
    "no change": "nothing that the step depends on had changed",
    "at the end": "the episode as a whole",
}
"""When the change came, relative to the call: in words."""

WORDS = {one.cause: one.failing for one in EXPLAINED.values()} | {"unmet": "the agent ends without its goals"}
"""The description of each cause."""

RIGHT = {one.cause: one.right for one in EXPLAINED.values()} | {"unmet": "goes on until its goals hold"}
"""What a correct agent does instead."""


DRIFTS = frozenset(one.cause for one in EXPLAINED.values() if one.drifts)
"""The causes that are a change which the agent did not heed."""


@dataclass(frozen=True)
class FailureKind:
    """What the failures in one entry of the map have in common.

    Attributes:
        cause: one of `plandrift.sim.measure.causes.CAUSES`, or ``unmet``.
        outcome: the outcome of the call; if there is no call, how the episode ended.
        action: the kind of call.
        fluent: the kind of fluent that violated the step's requirement; empty if there is none.
        when: one of `CIRCUMSTANCES`.
    """

    cause: str
    outcome: str
    action: str
    fluent: str
    when: str

    def like(self, other: FailureKind) -> bool:
        """Say whether it is the same failure, whatever fluent it is attributed to."""
        return replace(self, fluent="") == replace(other, fluent="")

    @property
    def right(self) -> str:
        """Return what a correct agent does instead, which it must be able to do at that time."""
        if self.when == "on the way" and self.cause in DRIFTS:
            return (
                "sends with the call what it rests on (if_match): no look can see a change that comes later"
            )
        return RIGHT[self.cause]

    @property
    def title(self) -> str:
        """Return a title of a few words."""
        about = f" ({self.fluent})" if self.fluent else ""
        call = f"{self.action}: " if self.action else ""
        return f"{call}{self.outcome}, {WORDS[self.cause]}{about}"


@dataclass(frozen=True)
class FailedCall:
    """A failure in one episode.

    Attributes:
        kind: what it has in common with other failures.
        step: the step that failed; None if the episode as a whole failed.
        fluent: the fluent that violated the step's requirement.
        before: time from the change to the fire, negative if it came after; None if there is no change.
    """

    kind: FailureKind
    step: StepRecord | None
    fluent: str = ""
    before: float | None = None


def kind_of(fluent: str) -> str:
    """Return a fluent's kind: its name without numbers.

    >>> kind_of("record-3.endpoint"), kind_of("at(truck1, loc12)")
    ('endpoint', 'at(truck*, loc*)')
    """
    _, dot, last = fluent.partition(".")
    return re.sub(r"\d+", "*", last if dot and "(" not in fluent else fluent)


def failures(episode: Episode, changes: Sequence[Change]) -> list[FailedCall]:
    """Return every failure of an episode, in order.

    Args:
        episode: the episode with its steps.
        changes: the changes that happened in it by themselves.
    """
    found = [_of(step, changes) for step in episode.steps if step.failure is not None]
    if episode.end == "gave-up":
        found.append(FailedCall(FailureKind("given_up", "gave up", "", "", "at the end"), None))
    elif episode.metrics.false_completion and not found:
        found.append(FailedCall(FailureKind("unmet", "declared done", "", "", "at the end"), None))
    return found


def _of(step: StepRecord, changes: Sequence[Change]) -> FailedCall:
    assert step.failure is not None
    cause, outcome, action = step.failure.cause, step.outcome, step.call.action
    if cause == "own_void":
        # Nobody changed what the step needs; it was never brought about.
        fluent = step.violated[-1][0] if step.violated else ""
        return FailedCall(FailureKind(cause, outcome, action, kind_of(fluent), "no change"), step, fluent)
    if step.violated:
        fluent, since = step.violated[-1]
        when = "heard" if fluent in step.shown else "unheard"
        return FailedCall(
            FailureKind(cause, outcome, action, kind_of(fluent), when), step, fluent, step.time - since
        )
    under_way = [(time, fluent) for time, fluent, _ in changes if step.time <= time <= step.landed]
    if step.misfire and under_way:
        time, fluent = under_way[0]
        # An event may change several fluents; the record does not say which one mattered.
        known = "" if fluent == EVENT else kind_of(fluent)
        kind = FailureKind(cause, outcome, action, known, "on the way")
        return FailedCall(kind, step, fluent, step.time - time)
    return FailedCall(FailureKind(cause, outcome, action, "", "no change"), step)
