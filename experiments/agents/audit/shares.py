"""The shares of an audit that are compared: between weeks, versions, agents and traces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plandrift.experiments.agents.audit.ledger import AuditedWrite
from plandrift.experiments.agents.audit.rates import write_share
from plandrift.experiments.agents.transcripts.operation import ABSENT
from plandrift.experiments.statistics.intervals import Interval


@dataclass(frozen=True)
class Share:
    """A share of writes.

    Attributes:
        name: what it is, as in the audit.
        of: whether a write belongs to the denominator.
        hit: whether such a write counts in the numerator.
    """

    name: str
    of: Callable[[AuditedWrite], bool]
    hit: Callable[[AuditedWrite], bool]

    def parts(self, writes: Sequence[AuditedWrite]) -> tuple[list[AuditedWrite], list[bool]]:
        """Return the writes of the denominator, and whether each is a hit."""
        chosen = [write for write in writes if self.of(write)]
        return chosen, [self.hit(write) for write in chosen]

    def value(self, writes: Sequence[AuditedWrite]) -> Interval:
        """Return the share among writes, with its interval."""
        return write_share(*self.parts(writes))


CHANGED = Share(
    "changed by another hand",
    lambda w: w.whole_age is not None and w.whole_age > 0 and w.operation.ok,
    lambda w: w.outdated,
)
"""The writes carried out on a basis that has an age."""

STALE = Share(
    "stale by value", lambda w: w.operation.ok and w.before not in (None, ABSENT), lambda w: w.changed
)
"""The writes that overwrote something other than what the agent believed to be there."""

SHARES = (
    Share("wrong", lambda w: w.rests_on_whole, lambda w: w.wrong),
    CHANGED,
    STALE,
    Share("refused", lambda _: True, lambda w: not w.operation.ok and bool(w.operation.error)),
)
"""The shares that are compared, the most telling first."""


def ages(writes: Sequence[AuditedWrite]) -> list[float]:
    """Return the ages of the bases, as in the audit."""
    return [w.whole_age for w in writes if w.whole_age is not None and w.whole_age > 0]
