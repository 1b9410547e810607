"""Calls that state what they require, as in an exported episode, audited like writes of files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from plandrift.experiments.agents.audit.ledger import AuditedWrite, KnownBasis
from plandrift.experiments.agents.audit.replayed import JudgedCall, judged
from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.agents.transcripts.world_tool import PREFIX
from plandrift.sim import Policy


@dataclass(frozen=True, slots=True)
class StatedWrite(AuditedWrite):
    """A call that states what it requires; whether it was wrong is known from the call, not from hashes.

    Attributes:
        call: the call, with what the agent knew.
    """

    call: JudgedCall = field(kw_only=True)

    @property
    def age(self) -> float | None:
        """Return the age of the oldest thing that the agent knew about what the call requires."""
        return self.call.age

    @property
    def whole_age(self) -> float | None:
        """Return the same."""
        return self.call.age

    @property
    def outdated(self) -> bool:
        """Say whether something that it requires had a different value than the agent knew."""
        return self.call.outdated

    @property
    def changed(self) -> bool:
        """Say the same."""
        return self.call.outdated

    @property
    def changed_since_met(self) -> bool:
        """Say the same."""
        return self.call.outdated

    @property
    def compares_whole(self) -> bool:
        """Say whether it reached the world, or was held back."""
        return self.call.known

    @property
    def region_changed(self) -> bool:
        """Say whether something that it requires did not hold."""
        return bool(self.call.violated)

    @property
    def unmatched(self) -> bool:
        """Say the same."""
        return bool(self.call.violated)

    @property
    def replaces(self) -> bool:
        """Return True: it is not a write of a whole file."""
        return True

    @property
    def wrong(self) -> bool:
        """Say whether it misfired or would have, or was not the planned call."""
        return self.call.wrong


def stated_writes(operations: Sequence[Operation]) -> list[StatedWrite]:
    """Return the calls of a trace that state what they require."""
    if not any(op.tool.startswith(PREFIX) for op in operations):
        return []
    made: list[StatedWrite] = []
    for call in judged(operations, Policy()):
        op = call.operations[0]
        if op.tool.startswith(PREFIX):
            at = op.called - (call.age or 0.0)
            made.append(StatedWrite(op, KnownBasis(None, None, at, at, at), call.rewritten, None, call=call))
    return made
