"""The writes of a trace, each with its basis. Every figure comes from this one pass over the operations.

An agent's belief about a fluent is what it last saw or wrote there; a subagent counts as an agent of its own.
The *basis* of a write is that belief, and its age the time since. Whether somebody had changed the fluent can
be said only if the whole basis and the whole content just before the write are both known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from plandrift.experiments.agents.transcripts.operation import ABSENT, COMPACTED, PLAN_PARTS, Operation
from plandrift.experiments.agents.transcripts.world_tool import HAPPENED, PREFIX

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
        hash: hash of the whole as it knew it, its own edits included but not what others changed before them;
            None if it knew parts only, or a part that it read later differed.
        last_whole: the same when the whole was last read or written, whatever parts were read since.
        known_at: when the whole was last known to be so.
        touched_at: when the agent last saw or wrote any part of it.
        read_hash: hash of the whole as last read, not counting own writes; None if never read, or only in
            part.
        read_at: when it was last read; None if never.
        place: the operation's position in the trace, from 0.
        version: the version that the tool reported.
        met: hash of what the fluent held when the agent last read or wrote it, which a guard can take as its
            baseline; None if unknown.
    """

    hash: str | None
    last_whole: str | None
    known_at: float
    touched_at: float
    read_hash: str | None
    read_at: float | None
    place: int
    version: str | None = None
    met: str | None = None


@dataclass(frozen=True, slots=True)
class AuditedWrite:
    """A write and its basis.

    Attributes:
        operation: the row of the trace.
        place: its position in the trace, from 0.
        basis: what the agent last knew; None if it had neither seen nor written the fluent.
        foreign: whether the trace shows another session or agent writing it since the basis.
        foreign_after: what the last of these writes left there.
        author: the possible author of the change, if there was one.
        from_memory: whether the agent's context was compacted since the basis, and no longer held the fluent.
    """

    operation: Operation
    place: int
    basis: KnownBasis | None
    foreign: bool
    foreign_after: str | None
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
        basis = self.basis
        return (
            basis is not None
            and self.before not in (None, ABSENT, basis.last_whole)
            and (basis.last_whole is not None)
        )

    @property
    def before(self) -> str | None:
        """Return the hash of the content just before the write, or None.

        For an edit that failed because its old text was gone, it is unknown; `moved` says whether the agent
        had known that text.
        """
        return self.operation.before

    @property
    def known(self) -> bool:
        """Say whether a change would be detected: the whole basis and the whole content are both known.

        The creation of a file overwrites nothing, so it rests on nothing.
        """
        if self.basis is None or self.basis.hash is None or self.before == ABSENT:
            return False
        return self.before is not None or self.moved

    @property
    def rests_on_whole(self) -> bool:
        """Say whether it can be judged: the agent knew the whole, and the content just before is known.

        If a part that the agent read again had moved, nobody can say what it knew of the rest. What it wrote
        from memory rests on nothing.
        """
        return self.compares_whole and not self.from_memory

    @property
    def compares_whole(self) -> bool:
        """Say the same without regard to what was still in the agent's context."""
        if self.basis is None or self.basis.hash is None or self.before == ABSENT:
            return False
        return self.before is not None or self.operation.error == "not found"

    @property
    def replaces(self) -> bool:
        """Say whether it replaced a text, as opposed to the whole."""
        return self.operation.meant is not None or self.operation.stands is not None

    @property
    def moved(self) -> bool:
        """Say whether the old text was gone although the agent had known it: the world had changed."""
        return self.operation.stands is False and self.operation.meant is True

    @property
    def own_error(self) -> bool:
        """Say whether the old text was never part of what the agent knew."""
        return self.operation.stands is False and self.operation.meant is False

    @property
    def changed(self) -> bool:
        """Say whether the content differs from what the agent last knew (stale by value)."""
        if self.moved:
            return True
        return self.known and self.basis is not None and self.before != self.basis.hash

    @property
    def changed_since_met(self) -> bool:
        """Say whether the content differs from what the agent's last read or own write left there."""
        if self.moved:
            return True
        basis = self.basis
        return (
            basis is not None and self.before not in (None, ABSENT) and self.before != basis.met is not None
        )

    @property
    def gone(self) -> bool:
        """Say whether the text to be replaced was not there."""
        return self.operation.stands is False

    @property
    def unmatched(self) -> bool:
        """Say whether the world would refuse it if it carried what the agent knew."""
        return self.basis is None or self.changed

    @property
    def blind(self) -> bool:
        """Say whether it overwrote something that the agent had neither seen nor written."""
        return self.basis is None and self.operation.ok and self.before not in (None, ABSENT)

    @property
    def lost_update(self) -> bool:
        """Say whether it wrote a whole file over somebody else's change."""
        op = self.operation
        return op.ok and not self.replaces and self.changed and op.after != self.before

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
        false_refusals: for refusals of writes as modified, by their positions: whether nothing had been
            modified, by what the trace next shows to be there; missing if it shows nothing.
    """

    operations: list[Operation]
    writes: list[AuditedWrite] = field(default_factory=list)
    stated: list[AuditedWrite] = field(default_factory=list)
    changes: list[tuple[float, str, str, str]] = field(default_factory=list)
    false_refusals: dict[int, bool] = field(default_factory=dict)


@dataclass(slots=True)
class _Acted:
    """What each session did, and what each agent has no longer in its context.

    Attributes:
        commands: commands that may change files.
        written: writes by fluent.
        forgotten: the fluents that an agent last saw before its context was compacted.
        refused: refusals of which the trace has not yet shown whether they were false.
    """

    commands: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    written: dict[str, list[tuple[float, str, str, str | None]]] = field(default_factory=dict)
    forgotten: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    refused: dict[tuple[str, str], list[tuple[int, str | None]]] = field(default_factory=dict)


def read_ledger(operations: Iterable[Operation]) -> AuditLedger:
    """Return the writes of a trace with their bases."""
    ledger = AuditLedger(list(operations))
    beliefs: dict[tuple[str, str, str], KnownBasis] = {}
    acted = _Acted()
    truth: dict[str, str] = {}
    for place, op in enumerate(ledger.operations):
        if op.tool == HAPPENED:
            # Others' actions in an exported episode: a change, but not an agent's write.
            _found(ledger, truth, op.fluent, op.after, op)
            continue
        if op.plan in PLAN_PARTS or op.tool.startswith(PREFIX):
            # Calls that state what they require are read by `stated`.
            continue
        key = (op.session, op.agent, op.fluent)
        if op.command == COMPACTED:
            if op.fluent:
                acted.forgotten[key[:2]].discard(op.fluent)
            else:
                acted.forgotten[key[:2]] = {name[2] for name in beliefs if name[:2] == key[:2]}
        elif op.kind == "opaque" and op.command:
            for name in [name for name in acted.refused if name[0] == op.session]:
                del acted.refused[name]
            acted.commands.setdefault(op.session, []).append((op.called, op.command))
        elif op.kind == "read" and op.ok and op.fluent:
            _settle(ledger, acted, op, "other" if op.stands is False else op.seen if op.whole else None)
            _found(ledger, truth, op.fluent, op.seen if op.whole else None, op)
            acted.forgotten.get(key[:2], set()).discard(op.fluent)
            held = _seen(beliefs.get(key), op, place)
            if held is not None:
                beliefs[key] = held
        elif op.kind == "write" and op.fluent:
            write = _audited(op, place, beliefs.get(key), acted)
            ledger.writes.append(write)
            if op.error == "modified" and write.basis is not None:
                acted.refused.setdefault((op.session, op.fluent), []).append((place, write.basis.met))
            _settle(ledger, acted, op, op.before)
            _found(ledger, truth, op.fluent, op.before, op)
            if op.ok:
                if not write.replaces:
                    acted.forgotten.get(key[:2], set()).discard(op.fluent)
                beliefs[key] = _wrote(beliefs.get(key), op, place)
                acted.written.setdefault(op.fluent, []).append(
                    (op.answered or op.called, op.session, op.agent, op.after)
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
    """Say of the refusals in question whether they were false, if it is known now what the fluent holds."""
    if hash is None:
        return
    for place, met in acted.refused.pop((op.session, op.fluent), ()):
        if met is not None or op.stands is False:
            ledger.false_refusals[place] = hash == met


def _seen(held: KnownBasis | None, op: Operation, place: int) -> KnownBasis | None:
    # What was read was true no earlier than the call.
    at = op.called
    if held is not None and at < held.touched_at:
        return held
    if op.whole:
        return KnownBasis(op.picture, op.picture, at, at, op.seen, at, place, op.version, op.seen)
    if held is None:
        return KnownBasis(op.picture, None, at, at, None, at, place, op.version)
    met = None if op.stands is False else held.met
    return KnownBasis(
        op.picture, held.last_whole, held.known_at, at, held.read_hash, at, place, op.version, met
    )


def _wrote(held: KnownBasis | None, op: Operation, place: int) -> KnownBasis:
    at = op.answered if op.answered is not None else op.called
    read_hash, read_at = (None, None) if held is None else (held.read_hash, held.read_at)
    met = op.after if op.whole else None
    return KnownBasis(op.picture, op.picture, at, at, read_hash, read_at, place, op.version, met)


def _audited(op: Operation, place: int, basis: KnownBasis | None, acted: _Acted) -> AuditedWrite:
    foreign, foreign_after, other = False, None, None
    if basis is not None:
        for at, session, agent, after in reversed(acted.written.get(op.fluent, [])):
            if at <= basis.touched_at:
                break
            if (session, agent) != (op.session, op.agent) and at <= op.called:
                if not foreign:
                    foreign_after = after
                foreign = True
                other = "another agent" if session == op.session else "another session"
                break
    forgot = op.fluent in acted.forgotten.get((op.session, op.agent), ())
    made = AuditedWrite(op, place, basis, foreign, foreign_after, None, forgot)
    if basis is None or not (made.changed or made.outdated):
        return made
    return replace(made, author=_author(op, basis, other, acted))


def _author(op: Operation, basis: KnownBasis, other: str | None, acted: _Acted) -> Author:
    if other == "another session":
        return "another session"
    if other == "another agent":
        return "another agent"
    ran = {command for at, command in acted.commands.get(op.session, []) if basis.known_at <= at <= op.called}
    if "formatter" in ran:
        return "own formatter"
    if "git" in ran:
        return "own git"
    return "own command" if ran & {"command", "agent"} else "nobody seen"
