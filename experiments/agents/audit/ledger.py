"""The writes of a trace, each with its basis. Every figure comes from this one pass over the operations.

An agent's belief about a fluent is what it last saw or wrote there; a subagent counts as an agent of its own.
The *basis* of a write is that belief, and its age the time since. Whether somebody had changed the fluent can
be said only if the whole basis and the whole content just before the write are both known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from plandrift.experiments.agents.transcripts.operation import (
    ABSENT,
    COMPACTED,
    HELD_BACK,
    PLAN_PARTS,
    Operation,
)
from plandrift.experiments.agents.transcripts.world_tool import HAPPENED, PREFIX

if TYPE_CHECKING:
    from plandrift.experiments.agents.audit.stated import StatedWrite

Author = Literal["another session", "another agent", "own formatter", "own git", "own command", "nobody seen"]
AUTHORS: tuple[Author, ...] = (
    "another session",
    "another agent",
    "own formatter",
    "own git",
    "own command",
    "nobody seen",
)
"""The possible authors of a change, by what ran between basis and write: co-occurrence, not proof."""


@dataclass(frozen=True, slots=True)
class KnownBasis:
    """What an agent last knew about a fluent.

    Attributes:
        hash: hash of the whole as it knew it, including its own edits but not what others changed before
            them; None if it knew parts only, or if a part that it read later differed.
        last_whole: the same when the whole was last read or written, whatever parts were read since.
        known_at: when the whole was last known to be so.
        touched_at: when the agent last saw or wrote any part of it.
        read_at: when it was last read; None if never.
        met: hash of what the fluent held when the agent last read or wrote it, which a guard can use as its
            baseline; None if unknown.
    """

    hash: str | None
    last_whole: str | None
    known_at: float
    touched_at: float
    read_at: float | None
    met: str | None = None


@dataclass(frozen=True, slots=True)
class AuditedWrite:
    """A write and its basis.

    Attributes:
        operation: the row of the trace.
        basis: what the agent last knew; None if it had neither seen nor written the fluent.
        foreign: whether the trace shows another session or agent writing it since the basis.
        author: the possible author of the change, if there was one.
        from_memory: whether the agent's context was compacted since the basis, and no longer held the fluent.
    """

    operation: Operation
    basis: KnownBasis | None
    foreign: bool
    author: Author | None
    from_memory: bool = False

    @property
    def age(self) -> float | None:
        """Return the age of the basis in seconds: the time since the agent last saw or wrote any of it."""
        return None if self.basis is None else self.operation.called - self.basis.touched_at

    @property
    def whole_age(self) -> float | None:
        """Return the seconds since the agent last knew the whole, if the content before is known."""
        if self.basis is None or self.basis.last_whole is None or self.before in (None, ABSENT):
            return None
        if self.from_memory:
            return None
        return self.operation.called - self.basis.known_at

    @property
    def outdated(self) -> bool:
        """Say whether the whole differs from the whole last known, even if a part was read again since."""
        return self.basis is not None and self._differs(self.basis.last_whole)

    def _differs(self, held: str | None) -> bool:
        """Say whether the content just before is known, and is not this one."""
        return held is not None and self.before not in (None, ABSENT, held)

    @property
    def before(self) -> str | None:
        """Return the hash of the content just before the write, or None.

        For an edit that failed because its old text was gone, it is unknown; `moved` says whether the agent
        had known that text.
        """
        return self.operation.before

    @property
    def rests_on_whole(self) -> bool:
        """Say whether it can be judged: the agent knew the whole, and the content just before is known.

        If a part that the agent read again had moved, nobody can say what it knew of the rest. What it wrote
        from memory has no basis.
        """
        return self.compares_whole and not self.from_memory

    @property
    def compares_whole(self) -> bool:
        """Say the same, regardless of what was still in the agent's context.

        The creation of a file overwrites nothing, so it needs no basis.
        """
        if self.basis is None or self.basis.hash is None or self.before == ABSENT:
            return False
        return self.before is not None or self.operation.error == "not found"

    @property
    def replaces(self) -> bool:
        """Say whether it replaced a text, as opposed to the whole."""
        return self.operation.replaces

    @property
    def moved(self) -> bool:
        """Say whether the old text was gone although the agent had known it: the world had changed."""
        return self.operation.moved

    @property
    def own_error(self) -> bool:
        """Say whether the old text was never part of what the agent knew."""
        return self.operation.stands is False and self.operation.meant is False

    @property
    def changed(self) -> bool:
        """Say whether the content differs from what the agent last knew (stale by value)."""
        return self.moved or (self.basis is not None and self._differs(self.basis.hash))

    @property
    def changed_since_met(self) -> bool:
        """Say whether the content differs from what the agent's last read or own write left there."""
        return self.moved or (self.basis is not None and self._differs(self.basis.met))

    @property
    def region_changed(self) -> bool:
        """Say whether what it replaces (a text, or the whole) differs from what the agent knew."""
        return self.moved or (self.changed and not self.replaces)

    @property
    def unmatched(self) -> bool:
        """Say whether the world would refuse the write if it carried what the agent knew."""
        return self.basis is None or self.changed

    @property
    def blind(self) -> bool:
        """Say whether it overwrote something that the agent had neither seen nor written."""
        return self.basis is None and self.operation.ok and self.before not in (None, ABSENT)

    @property
    def lost_update(self) -> bool:
        """Say whether it wrote a whole file over somebody else's change, or would have but for a guard."""
        op = self.operation
        return (
            (op.ok or op.error == HELD_BACK)
            and not self.replaces
            and self.changed
            and op.after != self.before
        )

    @property
    def wrong(self) -> bool:
        """Say whether a change in the world defeated its purpose, or it wrote over somebody's change."""
        return self.moved or self.lost_update


@dataclass
class AuditLedger:
    """A trace, read once.

    Attributes:
        operations: the operations in order of time.
        writes: the writes with their bases.
        stated: the calls that state what they require; see `stated`.
        changes: visible changes by others: (latest possible time, fluent, hash, session or empty).
        false_refusals: for refusals of writes as modified: whether nothing had been modified, by what the
            trace next shows to be there; those for which it shows nothing are left out.
    """

    operations: list[Operation]
    writes: list[AuditedWrite] = field(default_factory=list)
    stated: list[StatedWrite] = field(default_factory=list)
    changes: list[tuple[float, str, str, str]] = field(default_factory=list)
    false_refusals: list[bool] = field(default_factory=list)

    @property
    def every(self) -> list[AuditedWrite]:
        """Return the writes and the calls that state what they require."""
        return [*self.writes, *self.stated]


@dataclass(slots=True)
class _Acted:
    """What each session did, and what each agent no longer has in its context.

    Attributes:
        commands: commands that may change files.
        written: writes by fluent.
        forgotten: the fluents that an agent last saw before its context was compacted.
        refused: by session and fluent, the refusals for which the trace has not yet shown whether they were
            false, each with what the agent had last met.
    """

    commands: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    written: dict[str, list[tuple[float, str, str]]] = field(default_factory=dict)
    forgotten: defaultdict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    refused: defaultdict[str, dict[str, list[str | None]]] = field(default_factory=lambda: defaultdict(dict))


def read_ledger(operations: Iterable[Operation]) -> AuditLedger:
    """Return the writes of a trace with their bases."""
    ledger = AuditLedger(list(operations))
    beliefs: defaultdict[tuple[str, str], dict[str, KnownBasis]] = defaultdict(dict)
    acted = _Acted()
    truth: dict[str, str] = {}
    for op in ledger.operations:
        if op.tool == HAPPENED:
            # Others' actions in an exported episode: a change, but not an agent's write.
            _found(ledger, truth, op.fluent, op.after, op)
            continue
        if op.plan in PLAN_PARTS or op.tool.startswith(PREFIX):
            # Calls that state what they require are read by `stated`.
            continue
        known, gone = beliefs[op.session, op.agent], acted.forgotten[op.session, op.agent]
        if op.command == COMPACTED:
            if op.fluent:
                gone.discard(op.fluent)
            else:
                gone.update(known)
        elif op.kind == "opaque" and op.command:
            acted.refused.pop(op.session, None)
            acted.commands.setdefault(op.session, []).append((op.called, op.command))
        elif op.kind == "read" and op.ok and op.fluent:
            _settle(ledger, acted, op, "other" if op.stands is False else op.seen if op.whole else None)
            _found(ledger, truth, op.fluent, op.seen if op.whole else None, op)
            gone.discard(op.fluent)
            known[op.fluent] = _seen(known.get(op.fluent), op)
        elif op.kind == "write" and op.fluent:
            write = _audited(op, known.get(op.fluent), acted)
            ledger.writes.append(write)
            if op.error == "modified" and write.basis is not None:
                acted.refused[op.session].setdefault(op.fluent, []).append(write.basis.met)
            _settle(ledger, acted, op, op.before)
            _found(ledger, truth, op.fluent, op.before, op)
            if op.ok:
                if not write.replaces:
                    gone.discard(op.fluent)
                known[op.fluent] = _wrote(known.get(op.fluent), op)
                acted.written.setdefault(op.fluent, []).append(
                    (op.answered or op.called, op.session, op.agent)
                )
                if op.after is not None:
                    truth[op.fluent] = op.after
    return ledger


def _found(ledger: AuditLedger, truth: dict[str, str], fluent: str, hash: str | None, op: Operation) -> None:
    """Record what a fluent holds by the trace; if that is new, somebody outside the trace wrote it."""
    if hash is None:
        return
    held = truth.get(fluent)
    if held is not None and held != hash:
        ledger.changes.append((op.called, fluent, hash, ""))
    truth[fluent] = hash


def _settle(ledger: AuditLedger, acted: _Acted, op: Operation, hash: str | None) -> None:
    """Decide whether the refusals in question were false, now that it is known what the fluent holds."""
    if hash is None:
        return
    for met in acted.refused[op.session].pop(op.fluent, ()):
        if met is not None or op.stands is False:
            ledger.false_refusals.append(hash == met)


def _seen(held: KnownBasis | None, op: Operation) -> KnownBasis:
    # What was read was true no earlier than the call.
    at = op.called
    if held is not None and at < held.touched_at:
        return held
    if op.whole:
        return KnownBasis(op.picture, op.picture, at, at, at, op.seen)
    if held is None:
        return KnownBasis(op.picture, None, at, at, at)
    met = None if op.stands is False else held.met
    return replace(held, hash=op.picture, touched_at=at, read_at=at, met=met)


def _wrote(held: KnownBasis | None, op: Operation) -> KnownBasis:
    at = op.answered if op.answered is not None else op.called
    read_at = None if held is None else held.read_at
    return KnownBasis(op.picture, op.picture, at, at, read_at, op.after if op.whole else None)


def _audited(op: Operation, basis: KnownBasis | None, acted: _Acted) -> AuditedWrite:
    other: Author | None = None
    if basis is not None:
        for at, session, agent in reversed(acted.written.get(op.fluent, [])):
            if at <= basis.touched_at:
                break
            if (session, agent) != (op.session, op.agent) and at <= op.called:
                other = "another agent" if session == op.session else "another session"
                break
    forgot = op.fluent in acted.forgotten[op.session, op.agent]
    made = AuditedWrite(op, basis, other is not None, None, forgot)
    if basis is None or not (made.changed or made.outdated):
        return made
    return replace(made, author=_author(op, basis, other, acted))


def _author(op: Operation, basis: KnownBasis, other: Author | None, acted: _Acted) -> Author:
    if other is not None:
        return other
    ran = {command for at, command in acted.commands.get(op.session, []) if basis.known_at <= at <= op.called}
    if "formatter" in ran:
        return "own formatter"
    if "git" in ran:
        return "own git"
    return "own command" if ran & {"command", "agent"} else "nobody seen"
