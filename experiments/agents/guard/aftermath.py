"""What happened after each call that was held back: whether the agent took notice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from plandrift.experiments.agents.audit.rates import write_share
from plandrift.experiments.agents.transcripts.guard_lines import Logged
from plandrift.experiments.statistics.intervals import Interval
from plandrift.experiments.statistics.text import share_text

ALLOWED, HEEDED, REPEATED = "allowed by the person", "heeded", "repeated"
PASSED, GIVEN_UP = "passed after a read", "given up"
OUTCOMES = {
    ALLOWED: "the person was asked, and the call was made",
    HEEDED: "another call on the same thing came next",
    REPEATED: "the same call came again, and the agent had not read in between",
    PASSED: "the same call came again after a read of its own",
    GIVEN_UP: "nothing more was written to it in this log; a session that goes on may still do so",
}
"""What can happen after a block, and what it means."""


@dataclass(frozen=True)
class AfterBlock:
    """How often one of these happened after a block.

    Attributes:
        outcome: one of `OUTCOMES`.
        count: how often.
        share: its share of the blocks, with an interval over sessions.
    """

    outcome: str
    count: int
    share: Interval

    def row(self) -> dict[str, object]:
        """Return the row for tables and JSON."""
        return {
            "after a block": self.outcome,
            "count": self.count,
            "share": self.share.mean,
            "low": self.share.low,
            "high": self.share.high,
            "means": OUTCOMES[self.outcome],
        }

    def line(self) -> dict[str, object]:
        """Return the row for people."""
        return {"after a block": self.outcome, "count": self.count, "share": share_text(self.share)}


def after_blocks(rows: Sequence[Logged]) -> list[AfterBlock]:
    """Return what happened after the blocks in a log, given its rows in order of time."""
    blocks = [row for row in rows if row.did not in ("", "let")]
    alike = defaultdict[tuple[str, str, str], list[Logged]](list)
    for row in rows:
        alike[_where(row)].append(row)
    found = [_outcome(block, alike[_where(block)]) for block in blocks]
    return [
        AfterBlock(name, found.count(name), write_share(blocks, [one == name for one in found]))
        for name in OUTCOMES
    ]


def _where(row: Logged) -> tuple[str, str, str]:
    return row.operation.session, row.operation.agent, row.operation.fluent


def _outcome(block: Logged, rows: Sequence[Logged]) -> str:
    op, read = block.operation, False
    if op.ok:
        return ALLOWED
    for row in rows:
        other = row.operation
        if other.called <= op.called:
            continue
        # What the guard itself handed back does not count as a read by the agent.
        if other.kind == "read" and other.command != "news":
            read = read or other.ok
        elif other.kind == "write":
            if other.asked != op.asked:
                return HEEDED
            return PASSED if read else REPEATED
    return GIVEN_UP
