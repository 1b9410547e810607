"""Two traces side by side: two agents, two repositories, or one before and after."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from plandrift.experiments.agents.audit.guards import guard_named
from plandrift.experiments.agents.audit.ledger import AuditedWrite, AuditLedger
from plandrift.experiments.agents.audit.measures import thinking_times
from plandrift.experiments.agents.audit.rates import ENOUGH, session_sums, write_share
from plandrift.experiments.agents.audit.shares import SHARES, Share, ages
from plandrift.experiments.statistics.intervals import Interval, quantile_interval
from plandrift.experiments.statistics.ratios import paired_ratios
from plandrift.experiments.statistics.text import share_text, shown

NEVER_BLOCK = ("none", "warn")
"""Guards for which there is nothing to compare."""


@dataclass(frozen=True)
class Compared:
    """One figure of two traces.

    Attributes:
        name: what it is.
        first: its value in the first trace.
        second: its value in the second.
        difference: second minus first.
        unit: ``share`` or ``s``.
        paired: number of sessions that are in both, by which the difference is paired; 0 if it is not.
    """

    name: str
    first: Interval
    second: Interval
    difference: Interval
    unit: str
    paired: int

    def row(self) -> dict[str, object]:
        """Return the row for JSON."""
        made: dict[str, object] = {"figure": self.name, "unit": self.unit, "paired": self.paired}
        for name, value in (("first", self.first), ("second", self.second), ("difference", self.difference)):
            made |= {name: value.mean, f"{name}_low": value.low, f"{name}_high": value.high}
        return made | {"first_n": self.first.n, "second_n": self.second.n}

    def line(self) -> dict[str, object]:
        """Return the row for people."""
        first, second, apart = map(self._text, (self.first, self.second, self.difference))
        return {
            "figure": self.name,
            "first": first,
            "n": self.first.n,
            "second": second,
            "n ": self.second.n,
            "second − first": apart,
            "paired sessions": self.paired or "–",
        }

    def _text(self, value: Interval) -> str:
        if self.unit == "share" or value.mean != value.mean:
            return share_text(value)
        return f"{shown(float(value.mean))} s [{shown(value.low)}, {shown(value.high)}]"


def side_by_side(first: AuditLedger, second: AuditLedger, guards: Sequence[str]) -> list[Compared]:
    """Return the figures of two traces and their differences.

    Args:
        first: the first trace.
        second: the second.
        guards: names of guards, whose false and missed shares are compared as well.
    """
    shares = [*SHARES, *(one for name in guards if name not in NEVER_BLOCK for one in _guard_shares(name))]
    made = [_shares(share, first.every, second.every) for share in shares]
    for name, values in (
        ("age of the basis, p50", (ages(first.every), ages(second.every))),
        ("thinking time, p50", (thinking_times(first.operations), thinking_times(second.operations))),
    ):
        one, other = map(quantile_interval, values)
        made.append(Compared(name, one, other, apart(one, other), "s", 0))
    return made


def _guard_shares(name: str) -> tuple[Share, Share]:
    """Return the shares of a guard's false blocks and misses."""
    guard = guard_named(name)
    return (
        Share(f"{name}: false", lambda w: w.rests_on_whole and not w.wrong, guard),
        Share(f"{name}: missed", lambda w: w.rests_on_whole and w.wrong, lambda w: not guard(w)),
    )


def _shares(share: Share, first: Sequence[AuditedWrite], second: Sequence[AuditedWrite]) -> Compared:
    parts = [share.parts(writes) for writes in (first, second)]
    one, other = (write_share(*part) for part in parts)
    sums = [session_sums(*part) for part in parts]
    both = len(sums[0].keys() & sums[1].keys())
    difference, paired = apart(one, other), 0
    if both >= ENOUGH and not any(value.mean in (0.0, 1.0) for value in (one, other)):
        sessions = sorted(sums[0].keys() | sums[1].keys())
        # A session that is in one trace only adds nothing to the other, but stays in both sums.
        pairs = [[held.get(name, (0, 0)) for name in sessions] for held in sums]
        columns = [([hits for hits, _ in pair], [n for _, n in pair]) for pair in pairs]
        found = paired_ratios(columns[1], columns[0]).difference
        # If all pairs differ by the same amount, their spread says nothing.
        if not math.isnan(found.low):
            difference, paired = found, both
    return Compared(share.name, one, other, difference, "share", paired)


def apart(first: Interval, second: Interval) -> Interval:
    """Return second minus first for two independent values, from their own intervals.

    The limits are those of Newcombe (1998, Statistics in Medicine 17, 873–890, method 10), which also hold
    for values whose intervals are not symmetric.

    >>> found = apart(Interval(0.1, 0.05, 0.2, 50), Interval(0.3, 0.2, 0.4, 60))
    >>> round(found.mean, 3), round(found.low, 3), round(found.high, 3)
    (0.2, 0.059, 0.312)
    """
    mean = second.mean - first.mean
    low = mean - math.hypot(second.mean - second.low, first.high - first.mean)
    high = mean + math.hypot(second.high - second.mean, first.mean - first.low)
    return Interval(mean, low, high, first.n + second.n)
