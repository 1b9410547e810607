"""How many writes could be judged, and why the others could not: reported before any verdict."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from plandrift.experiments.agents.audit.ledger import AuditedWrite, AuditLedger
from plandrift.experiments.agents.transcripts.operation import ABSENT

LARGE = 10_000
"""Claude Code omits the content before an edit if it has more characters than this (since 2.1.166)."""
_SOURCES = {
    "transcript": "by the whole content in the transcript",
    "patch": "by the lines of their patch (a change elsewhere in the file may go unnoticed)",
    "backup": "by a backup and the lines of their patch",
    "guard": "by the guard's own look just before the call",
    "stated": "by what the call itself requires",
    "": "by the tool's answer",
}
_SIZES = (f"up to {LARGE:,} characters", f"above {LARGE:,}", "unknown")


@dataclass(frozen=True)
class Coverage:
    """How much of a trace could be judged.

    Attributes:
        judged: how many could be judged, by how the content before them is known.
        reasons: why the others could not, with the number of each.
        sizes: judged writes and all writes, by file size.
    """

    judged: Counter[str]
    reasons: Counter[str]
    sizes: dict[str, tuple[int, int]]

    @property
    def writes(self) -> int:
        """Return the number of writes."""
        return self.judged.total() + self.reasons.total()

    @property
    def sentence(self) -> str:
        """Return the coverage in words."""
        said = []
        if self.judged:
            said.append("Judged: " + ", ".join(f"{n} {_SOURCES[by]}" for by, n in self.judged.most_common()))
        if self.reasons:
            said.append("Not judged: " + ", ".join(f"{n} {why}" for why, n in self.reasons.most_common()))
        sizes = [f"{size} {some} of {n}" for size, (some, n) in self.sizes.items() if n]
        if len(sizes) > 1:
            said.append(f"By file size: {', '.join(sizes)}")
        return ". ".join([*said, ""]).strip()

    def as_object(self) -> dict[str, object]:
        """Return the coverage as an object for JSON."""
        sizes = {size: {"judged": some, "writes": n} for size, (some, n) in self.sizes.items()}
        return {
            "writes": self.writes,
            "judged": self.judged.total(),
            "judged_by": dict(self.judged),
            "not_judged": dict(self.reasons),
            "sizes": sizes,
        }


def coverage(ledger: AuditLedger) -> Coverage:
    """Return how many of a ledger's writes could be judged, and why the others could not."""
    judged, reasons = Counter[str](), Counter[str]()
    sizes = dict.fromkeys(_SIZES, (0, 0))
    for call in ledger.stated:
        if call.rests_on_whole:
            judged["stated"] += 1
        else:
            reasons["still on their way to the world at the end"] += 1
    for write in ledger.writes:
        why = _reason(write)
        size = _SIZES[2] if write.operation.size is None else _SIZES[write.operation.size > LARGE]
        some, n = sizes[size]
        sizes[size] = some + (not why), n + 1
        if why:
            reasons[why] += 1
        else:
            judged[write.operation.before_by] += 1
    nameless = sum(op.kind == "write" and not op.fluent for op in ledger.operations)
    if nameless:
        reasons["of a path that is redacted or missing"] = nameless
    return Coverage(judged, reasons, sizes)


def _reason(write: AuditedWrite) -> str:
    """Say why a write cannot be judged; empty if it can."""
    op, basis = write.operation, write.basis
    if write.rests_on_whole:
        return ""
    if write.before == ABSENT:
        return "created a file, which overwrites nothing"
    if not op.ok and op.error != "not found":
        return "refused or unanswered"
    if write.before is None and op.error != "not found":
        return "without the content just before in the transcript"
    if write.compares_whole:
        return "from memory: the file was last seen before a compaction of the context"
    if basis is None:
        return "of a file that the agent had neither read nor written"
    return "of a file that the agent knew only in part"
