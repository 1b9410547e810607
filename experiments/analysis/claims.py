"""Claims about a sweep and what its intervals say: holds, does not hold, or not decided at this n."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from plandrift.experiments.analysis.selection import averaging, caption
from plandrift.experiments.analysis.tables import Row, compare
from plandrift.experiments.sweeps.results import Results

ClaimVerdict = Literal["holds", "does not hold", "not decided at this n"]
HOLDS: ClaimVerdict = "holds"
FAILS: ClaimVerdict = "does not hold"
OPEN: ClaimVerdict = "not decided at this n"

LEVEL = 0.95
"""The confidence level of a claim as a whole; with several groups, intervals are wider (Bonferroni)."""


@dataclass(frozen=True)
class Finding:
    """The result of judging a claim.

    Attributes:
        says: the claim.
        verdict: what the intervals say about it.
        numbers: one row per group, for a table.
        expected: whether it is expected to hold (docs/results.md).
        caption: what the numbers average over or leave out.
    """

    says: str
    verdict: ClaimVerdict
    numbers: list[Row]
    expected: bool = True
    caption: Sequence[str] = ()

    @property
    def contradicts(self) -> bool:
        """Whether the result contradicts what was expected."""
        return self.expected and self.verdict == FAILS


@dataclass(frozen=True)
class Claim:
    """A claim about a difference, paired by seed.

    Attributes:
        says: the claim in words.
        between: ``policy=gated,plan-once``.
        metric: the metric whose difference it is about.
        expect: ``less`` or ``more`` (in every group), or ``within`` (not above by the margin or more).
        by: what to group by.
        where: the groups that the claim is about, as values of `by`; a list means any of them.
        margin: the margin for ``within``.
    """

    says: str
    between: str
    metric: str
    expect: Literal["less", "more", "within"]
    by: Sequence[str] = ()
    where: Mapping[str, Any] = field(default_factory=dict)
    margin: float = 0.0

    def judge(self, results: Results) -> Finding:
        """Judge the claim against a sweep."""
        results = averaging(results)
        every = [row for row in compare(results, self.between, self.metric, self.by) if self._about(row)]
        level = 1 - (1 - LEVEL) / max(1, len(every))
        rows = [r for r in compare(results, self.between, self.metric, self.by, level) if self._about(r)]
        name = self.between.partition("=")[0].strip()
        return Finding(self.says, self._verdict(rows), rows, caption=caption(results, [name, *self.by]))

    def _about(self, row: Row) -> bool:
        return all(
            row[name] in wanted if isinstance(wanted, list) else row[name] == wanted
            for name, wanted in self.where.items()
        )

    def _verdict(self, rows: Sequence[Row]) -> ClaimVerdict:
        if not rows:
            return OPEN
        if self.expect == "within":
            if any(row["why"] for row in rows):
                return OPEN
            if any(row["low"] > self.margin for row in rows):
                return FAILS
            return HOLDS if all(row["high"] < self.margin for row in rows) else OPEN
        other = "more" if self.expect == "less" else "less"
        if any(row["verdict"] == other for row in rows):
            return FAILS
        return HOLDS if all(row["verdict"] == self.expect for row in rows) else OPEN


@dataclass(frozen=True)
class Check:
    """A claim that needs more than one difference.

    Attributes:
        says: the claim in words.
        judged: returns the verdict and its numbers.
    """

    says: str
    judged: Callable[[Results], tuple[ClaimVerdict, list[Row]]]

    def judge(self, results: Results) -> Finding:
        """Judge the claim against a sweep."""
        verdict, numbers = self.judged(results)
        return Finding(self.says, verdict, numbers)


def ends(values: Sequence[tuple[float, float]], limit: float) -> ClaimVerdict:
    """Return the verdict: holds if all intervals are above the limit, fails if one is below, else open."""
    if any(high < limit for _, high in values):
        return FAILS
    return HOLDS if all(low > limit for low, _ in values) else OPEN
