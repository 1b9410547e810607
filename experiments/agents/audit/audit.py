"""An audit from start to finish: operations in, answers out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from plandrift.experiments.agents.audit.coverage import Coverage, coverage
from plandrift.experiments.agents.audit.guards import (
    Choice,
    GuardRow,
    choice_sentence,
    choices,
    guard_named,
    guards_table,
)
from plandrift.experiments.agents.audit.ledger import AuditLedger, read_ledger
from plandrift.experiments.agents.audit.measures import (
    CANNOT_TELL,
    AuditFigure,
    figures,
    thinking_times,
    tool_times,
)
from plandrift.experiments.agents.audit.stated import stated_writes
from plandrift.experiments.agents.transcripts.operation import operations
from plandrift.experiments.agents.transcripts.world_tool import is_call
from plandrift.sim import SettingError


@dataclass(frozen=True)
class Audit:
    """The findings of an audit.

    Attributes:
        ledger: the trace as it was read.
        coverage: how many writes could be judged, and why the others could not.
        figures: the answers.
        guards: one row per guard.
        chosen: the cheapest guard at each price.
        price: cost of a block in seconds: the median read plus the median thinking time.
    """

    ledger: AuditLedger
    coverage: Coverage
    figures: list[AuditFigure]
    guards: list[GuardRow]
    chosen: list[Choice]
    price: float

    @property
    def sentence(self) -> str:
        """Say which guard to choose at which price, or that the data cannot tell."""
        return choice_sentence(self.guards, self.chosen)

    @property
    def begins(self) -> str:
        """Say in one line what was audited."""
        return begins(self.ledger, self.coverage)

    def as_object(self) -> dict[str, Any]:
        """Return the audit as an object for JSON."""
        return {
            "trace": self.begins,
            "coverage": self.coverage.as_object(),
            "figures": [figure.row() for figure in self.figures],
            "guards": [row.row() for row in self.guards],
            "choices": [{"price": c.price, "guard": c.guard, "sure": c.sure} for c in self.chosen],
            "choice": self.sentence,
            "cannot_tell": list(CANNOT_TELL),
        }


def open_ledger(path: Path) -> AuditLedger:
    """Read a file of operations.

    Raises:
        PlandriftError: the file does not exist or holds no operations.
    """
    ledger = read_ledger(operations(path))
    if not ledger.operations:
        raise SettingError(f"{path}: it holds no operations: import transcripts that contain calls")
    ledger.stated = stated_writes(ledger.operations)
    return ledger


def begins(ledger: AuditLedger, covered: Coverage) -> str:
    """Say in one line what was audited."""
    ops = [op for op in ledger.operations if is_call(op)]
    calls = {(op.session, op.call) for op in ops}
    sessions, agents = {op.session for op in ops}, {(op.session, op.agent) for op in ops}
    return (
        f"{len(calls)} calls of {len(agents)} agent{'s' * (len(agents) != 1)} in {len(sessions)} "
        f"session{'s' * (len(sessions) != 1)}; {covered.judged.total()} of {covered.writes} writes could be "
        "judged"
    )


def audit(path: Path, guards: Sequence[str]) -> Audit:
    """Audit a file of operations.

    Args:
        path: a file written by `plandrift agent import`.
        guards: names of guards; see `GUARDS`.

    Raises:
        PlandriftError: the file does not exist or holds no operations.
        SettingError: a guard does not exist.
    """
    for name in guards:
        guard_named(name)
    ledger = open_ledger(path)
    writes, price = ledger.every, block_price(ledger)
    return Audit(
        ledger,
        coverage(ledger),
        figures(ledger),
        guards_table(writes, guards, price),
        choices(writes, guards),
        price,
    )


def block_price(ledger: AuditLedger) -> float:
    """Return the cost of a block in seconds: a read and the thinking after it, by the trace's medians."""
    thoughts = thinking_times(ledger.operations)
    readers = {op.tool for op in ledger.operations if op.kind == "read"}
    reads = [t for tool, times in tool_times(ledger.operations).items() if tool in readers for t in times]
    return float(sum(np.median(times) for times in (thoughts, reads) if times))
