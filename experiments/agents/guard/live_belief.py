"""What the agents of one session know at this moment: the importer's `Knowledge`, one call at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from plandrift.experiments.agents.guard.disk import meant, resolved
from plandrift.experiments.agents.guard.tool_use import ToolUse
from plandrift.experiments.agents.transcripts.digest import Names, asked_hash, content_hash, line_feeds
from plandrift.experiments.agents.transcripts.knowledge import Held, Knowledge, Touch
from plandrift.experiments.agents.transcripts.operation import HELD_BACK, NO_ANSWER, Operation
from plandrift.experiments.agents.transcripts.operation_buffer import MadeCall

NEWS = "news read"
"""The tool name of rows with what the guard handed back or told the agent, which the agent then knows."""

VERSION = "version "
"""The prefix of a version that a server gave."""
LATE = 20
"""How many overtaken writes of a file are kept until they are answered."""


@dataclass(frozen=True)
class AskedWrite:
    """A write that the guard was asked about, and that has not been answered.

    Attributes:
        touch: the write, with the content just before it and the content that it was meant to leave.
        operation: its row in the log.
        id: the call's id as the host gave it; empty if it gave none.
    """

    touch: Touch
    operation: Operation
    id: str = ""

    @property
    def can_land(self) -> bool:
        """Say whether it can have been made: the text that it replaces was there."""
        return self.operation.stands is not False


class LiveBelief:
    """What the agents of one session know; see the module.

    Attributes:
        known: the contents that each agent knows.
    """

    def __init__(self, known: Knowledge | None = None) -> None:
        self.known = known or Knowledge(Names(hidden=False))
        self._open: dict[tuple[str, str], list[AskedWrite]] = {}
        # Writes that others of the same agent have overtaken, and that may still be answered.
        self._overtaken: dict[tuple[str, str], list[AskedWrite]] = {}
        self._settled: set[tuple[str, str]] = set()
        self._ids: set[str] = set()
        self._forgotten: set[tuple[str, str]] = set()

    def held(self, agent: str, fluent: str) -> Held | None:
        """Return what an agent knows about a fluent."""
        return self.known.held(agent, fluent)

    def fluents(self, agent: str) -> list[str]:
        """Return the fluents that an agent knows something about, the most recently seen last."""
        return self.known.fluents(agent)

    def asked(self, use: ToolUse, at: float, place: int) -> list[Operation]:
        """Return the rows of the writes that a call is about to make."""
        # A host may ask twice about one call, such as after a refusal.
        id = use.call if use.call and use.call not in self._ids else f"{use.call or use.tool} {place}"
        self._ids.add(use.call)
        call = _made(use, id, at, place, answered=False)
        rows = []
        for touch in sorted(use.touches, key=lambda touch: touch.fluent):
            if touch.kind != "write" or not touch.fluent:
                continue
            touch = replace(touch, fluent=resolved(touch.fluent))
            row = self.known.row(call, touch, tool=use.tool, ok=False, asked=_asked(use), error=NO_ANSWER)
            stands = touch.before is not None and _stands(touch)
            if touch.before_known and touch.replaced and touch.replaced[0].old:
                row = replace(row, stands=stands)
            if not touch.replaced and touch.after_known:
                row = replace(row, after=content_hash(touch.after))
            rows.append(replace(row, before_by="guard"))
            self._open.setdefault((use.agent, touch.fluent), []).append(AskedWrite(touch, rows[-1], use.call))
        return rows

    def reopen(self, rows: Sequence[tuple[Operation, bool]], logged: Sequence[Operation]) -> None:
        """Take over the writes of an earlier guard, whose contents are not known.

        Args:
            rows: those without an answer, each with whether the agent has read or written the file since.
            logged: all that was logged.
        """
        made = [row for row in logged if row.kind == "write" and row.ok]
        self._settled |= {(row.call, row.fluent) for row in made}
        self._ids |= {row.call for row in made}
        for row, overtaken in rows:
            self._ids.add(row.call)
            writes = self._overtaken if overtaken else self._open
            asked = AskedWrite(Touch("write", row.fluent), row, row.call)
            writes.setdefault((row.agent, row.fluent), []).append(asked)

    def settle(self, agent: str, touch: Touch) -> tuple[list[AskedWrite], bool]:
        """Find out which earlier writes of an agent to a fluent were made, although no answer said so.

        Returns:
            The writes whose result is there now, and whether the fate of another is unknown.
        """
        made, lost = list[AskedWrite](), False
        key = (agent, resolved(touch.fluent))
        for write in list(self._open.get(key, ())):
            if not write.can_land or not touch.before_known:
                continue
            now = content_hash(touch.before)
            if write.touch.after_known and now == content_hash(write.touch.after):
                made.append(write)
            elif now != write.operation.before:
                lost = True
        return made, lost

    def answered(self, use: ToolUse, at: float, closed: int) -> Iterator[tuple[Operation, AskedWrite | None]]:
        """Yield the rows of an answered call, each write with what was asked about it."""
        for touch in sorted(use.touches, key=lambda touch: touch.fluent):
            if not touch.fluent:
                continue
            touch = replace(touch, fluent=resolved(touch.fluent))
            if touch.kind == "write":
                asked = self._close(use, touch.fluent)
                id = use.call if asked is None else asked.operation.call
                if (id, touch.fluent) in self._settled:
                    # That it was made was noticed before the answer came.
                    continue
                yield self._written(use, touch, asked, at, closed), asked
            elif touch.kind == "read":
                # A call that reads as well as writes has a row of its own for what it read.
                call = _made(use, f"{use.call} read", at, closed)
                row = self.known.row(
                    call, touch, tool=use.tool, ok=not use.failed, asked=_asked(use), error=use.error
                )
                if row.ok:
                    self._saw(use.agent, touch)
                # A server's own version is not this guard's counter.
                yield row if row.version is None else replace(row, version=VERSION + row.version), None

    def _written(
        self, use: ToolUse, touch: Touch, asked: AskedWrite | None, at: float, closed: int
    ) -> Operation:
        if asked is not None:
            # What the agent meant to write counts: whatever others wrote meanwhile is news.
            touch = meant(touch, asked.touch.before_known, asked.touch.before)
            if not touch.replaced and not touch.after_known:
                touch = replace(touch, after=asked.touch.after, after_known=asked.touch.after_known)
        call = _made(use, use.call, at, closed)
        row = self.known.row(
            call, touch, tool=use.tool, ok=not use.failed, asked=_asked(use), error=use.error
        )
        if not use.failed:
            if not touch.replaced:
                self._forgotten.discard((use.agent, touch.fluent))
            key = (use.agent, touch.fluent)
            waiting = [*self._overtaken.get(key, []), *self._open.pop(key, [])]
            self._overtaken[key] = waiting[-LATE:]
        if asked is None:
            return replace(row, before_by="guard")
        first = asked.operation
        return replace(
            first,
            answered=at,
            closed=closed,
            after=row.after if not use.failed else first.after,
            picture=row.picture,
            whole=row.whole,
            span=row.span or first.span,
            version=row.version,
            ok=row.ok,
            error=row.error,
        )

    def _saw(self, agent: str, touch: Touch) -> None:
        """Record that an agent has read something, which it then knows whatever happened to a write."""
        self._forgotten.discard((agent, touch.fluent))
        if touch.whole:
            self._overtake(agent, touch.fluent)

    def _overtake(self, agent: str, fluent: str) -> None:
        """Record that earlier writes were not made, or have been overwritten."""
        key = (agent, fluent)
        waiting = [*self._overtaken.get(key, []), *self._open.pop(key, [])]
        self._overtaken[key] = waiting[-LATE:]

    def _close(self, use: ToolUse, fluent: str) -> AskedWrite | None:
        """Return the write that is answered: the one with this id, else the oldest with these arguments."""
        key, asked = (use.agent, fluent), _asked(use)
        for waiting in (self._open.get(key, []), self._overtaken.get(key, [])):
            for write in waiting:
                op = write.operation
                if write.id == use.call if use.call else op.asked == asked:
                    waiting.remove(write)
                    return write
        return None

    def made(self, write: AskedWrite, at: float, closed: int) -> Operation:
        """Return the row of a write that was made although no answer said so, and update what is known."""
        op = write.operation
        use = ToolUse(op.session, op.agent, op.tool, {}, (write.touch,), write.id or op.call)
        ((row, _),) = self.answered(use, at, closed)
        key = (op.agent, op.fluent)
        self._settled.add((op.call, op.fluent))
        self._overtaken[key] = [*self._overtaken.get(key, []), write][-LATE:]
        return row

    def held_back(self, operation: Operation, at: float, closed: int, *, pending: bool) -> Operation:
        """Return the row of a write that was held back; if the person was asked, it may still be made."""
        key = (operation.agent, operation.fluent)
        waiting = self._open.get(key, [])
        if not pending:
            self._open[key] = [write for write in waiting if write.operation != operation]
        return replace(operation, answered=at, closed=closed, error=HELD_BACK)

    def renewed(self, operation: Operation, held: Operation) -> None:
        """Replace a row that waits for its answer."""
        waiting = self._open.get((operation.agent, operation.fluent), [])
        waiting[:] = [replace(w, operation=held) if w.operation == operation else w for w in waiting]

    def shown(self, use: ToolUse, fluent: str, text: str | None, at: float, place: int) -> Operation:
        """Return the row that says that the agent was shown a whole content, and update what is known."""
        call = _made(use, f"{NEWS} {place}", at, place)
        touch = Touch("read", fluent, text, whole=True)
        self._saw(use.agent, touch)
        return replace(self.known.row(call, touch, tool=NEWS, ok=True, command="news"), command="news")

    def compacted(self, use: ToolUse, at: float, place: int, fluents: Sequence[str]) -> list[Operation]:
        """Return the rows of a compaction of an agent's context, after which it relies on memory."""
        self._forgotten |= {(use.agent, fluent) for fluent in fluents}
        return list(self.known.compacted(_made(use, f"compaction {place}", at, place)))

    def why_unknown(self, agent: str, touch: Touch, lost: bool) -> str:
        """Say why the basis of a write is not known; see `Logged.basis`."""
        fluent = resolved(touch.fluent)
        if lost:
            return "lost"
        if not touch.before_known:
            return "no look"
        if touch.before is None:
            return "new"
        if (agent, fluent) in self._forgotten:
            return "compacted"
        return "unseen" if self.held(agent, fluent) is None else "part"


def _stands(touch: Touch) -> bool:
    text = line_feeds(touch.before or "")
    return all(line_feeds(r.old) in text for r in touch.replaced[:1])


def _asked(use: ToolUse) -> str:
    return asked_hash(use.tool, use.given)


def _made(use: ToolUse, id: str, at: float, place: int, answered: bool = True) -> MadeCall:
    return MadeCall(
        id,
        use.session,
        use.agent,
        0,
        at,
        at if answered else None,
        place,
        place if answered else None,
        {},
        {},
        use.program,
        use.release,
    )
