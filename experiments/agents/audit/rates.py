"""Shares of writes, with intervals that do not treat the writes of one session as independent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.statistics.intervals import Interval, share_interval
from plandrift.experiments.statistics.ratios import ratio_interval


class OfSession(Protocol):
    """Anything that is known by its operation, such as a write of a ledger or a row of a guard's log."""

    @property
    def operation(self) -> Operation:
        """The operation."""
        ...


ENOUGH = 10
"""With fewer sessions their spread says little; the interval is then Wilson's, over writes."""


def session_sums(writes: Sequence[OfSession], hits: Sequence[bool]) -> dict[str, tuple[int, int]]:
    """Return the hits and the writes of each session."""
    sums: dict[str, tuple[int, int]] = {}
    for write, hit in zip(writes, hits, strict=True):
        session = write.operation.session
        some, all_of_it = sums.get(session, (0, 0))
        sums[session] = some + hit, all_of_it + 1
    return sums


def write_share(writes: Sequence[OfSession], hits: Sequence[bool]) -> Interval:
    """Return the share of writes that are hits: a ratio of sums over sessions.

    With at least `ENOUGH` sessions the interval is that of a ratio over sessions, otherwise Wilson's over
    writes; `n` counts the writes. If all or none are hits, nothing varies, so the interval is Wilson's as
    well.

    >>> write_share([], []).n
    0
    """
    sums = session_sums(writes, hits)
    count = sum(hits)
    if len(sums) < ENOUGH or count in (0, len(writes)):
        return share_interval(count, len(writes))
    found = ratio_interval([some for some, _ in sums.values()], [n for _, n in sums.values()])
    return Interval(found.mean, found.low, found.high, len(writes))
