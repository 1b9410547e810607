"""What an agent knew of each fluent's content while its transcript is read, and the resulting rows.

Contents exist only here: a row holds their hashes, and the answers to questions about them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from plandrift.experiments.agents.transcripts.digest import Names, content_hash, line_feeds, plain_text
from plandrift.experiments.agents.transcripts.operation import COMPACTED, BeforeBy, Operation, OperationKind
from plandrift.experiments.agents.transcripts.operation_buffer import MadeCall

PIECES = 64
"""How many pieces of a partly seen file are kept; the oldest are forgotten."""
REDACTED = "REDACTED"
"""What redaction writes in place of a part of a path. Different files may then share a path."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """A replacement of one text by another."""

    old: str
    new: str
    all: bool = False

    def done_to(self, text: str) -> str | None:
        """Return the text with this replacement made; None if it does not contain the old text."""
        if self.old and self.old not in text:
            return None
        return text.replace(self.old, self.new) if self.all else text.replace(self.old, self.new, 1)


@dataclass(frozen=True, slots=True)
class Hunk:
    """Some lines of the content just before a write, as its diff shows them.

    Attributes:
        start: the number of the first line.
        lines: the lines.
    """

    start: int
    lines: tuple[str, ...]

    def fits(self, text: str) -> bool:
        """Say whether a content has these lines at this place; diffs may show tabs as spaces."""
        there = text.split("\n")[self.start - 1 : self.start - 1 + len(self.lines)]
        return [line.lstrip() for line in there] == [line.lstrip() for line in self.lines]


@dataclass(frozen=True, slots=True)
class Touch:
    """One call's read or write of one fluent, with its content before and after.

    Attributes:
        kind: ``read``, ``write`` or ``opaque``.
        fluent: the fluent's name.
        text: what was read, or for a write of the whole, what was written; None if unknown.
        start: the number of its first line; 0 if unknown.
        whole: whether it is the whole content.
        before: the content before the write, None if absent; valid only if `before_known`.
        before_known: whether the transcript gives it.
        hunks: if it does not, the lines of that content that it does give.
        replaced: the replacements of a write, in order; empty for a write of the whole.
        after: the content after the write, None if absent; valid only if `after_known`.
        after_known: whether the transcript gives it, or it can be derived.
        version: the version that the tool reported.
        needs: the content that the call requires, if it states one.
        needs_known: whether it states one.
        span: the lines, if `text` does not show them.
        total: how many lines the whole has, if the tool says so; what a partial read shows is then compared
            line by line.
        unchanged: whether the tool said that everything is as last read.
        landed: when the call reached the world, if the transcript says so.
    """

    kind: OperationKind
    fluent: str = ""
    text: str | None = None
    start: int = 1
    whole: bool = False
    before: str | None = None
    before_known: bool = False
    hunks: tuple[Hunk, ...] = ()
    replaced: tuple[Replacement, ...] = ()
    after: str | None = None
    after_known: bool = False
    version: str | None = None
    needs: str | None = None
    needs_known: bool = False
    span: str = ""
    total: int | None = None
    unchanged: bool = False
    landed: float | None = None


@dataclass(slots=True)
class Held:
    """What an agent knows about one fluent: its picture of the whole, or pieces.

    Attributes:
        whole: the whole as the agent knows it: as last seen or written, with its own edits since; None if it
            never knew the whole.
        pieces: the parts that were seen since then.
        outdated: whether a piece differed from `whole` and did not fit into it.
        gone: whether it knows that nothing is there.
    """

    whole: str | None = None
    pieces: list[str] = field(default_factory=list)
    outdated: bool = False
    gone: bool = False

    @property
    def picture(self) -> str | None:
        """Return the hash of the whole as the agent knows it; None if it does not know the whole."""
        if self.whole is None or self.outdated:
            return None
        return content_hash(None if self.gone else self.whole)

    def has(self, text: str) -> bool | None:
        """Say whether a text is in what is known; None if too little is known to say no."""
        if self.whole is not None and text in self.whole:
            return True
        if self.whole is not None and not self.outdated:
            return False
        return True if any(text in piece for piece in self.pieces) else None

    def sees(self, piece: str, start: int, total: int | None) -> bool | None:
        """Add a piece that was seen, and say whether it is as known; None if too little is known.

        Args:
            piece: the text.
            start: the number of its first line.
            total: how many lines the whole has; None if the tool does not say.
        """
        lines, shown = (self.whole or "").split("\n"), piece.split("\n")
        place = slice(start - 1, start - 1 + len(shown))
        if total is None or self.picture is None or self.gone:
            stands = self.has(plain_text(piece))
            self.outdated = self.outdated or stands is False
        else:
            stands = plain_text("\n".join(lines[place])) == plain_text(piece)
            if not stands and total == len(lines):
                lines[place] = shown
                self.whole = "\n".join(lines)
            elif not stands:
                # Lines were inserted or removed somewhere, so the rest of the file is unknown now.
                self.outdated = True
        self.add(plain_text(piece))
        return stands

    def edited(self, replaced: tuple[Replacement, ...]) -> None:
        """Make the agent's own replacements in what it knows.

        A whole that lacks an old text is forgotten: the agent knew that text from elsewhere.
        """
        whole = self.whole
        for replacement in replaced:
            whole = replacement.done_to(whole) if whole is not None and replacement.old else None
            self.pieces = [replacement.done_to(piece) or piece for piece in self.pieces]
            self.add(plain_text(replacement.new))
        self.whole, self.gone = whole, False
        self.outdated = self.outdated and whole is not None

    def add(self, piece: str) -> None:
        """Add a piece."""
        self.pieces = [*self.pieces[-PIECES:], piece]


class Knowledge:
    """What the agents of one session knew; see the module."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._held: dict[tuple[str, str], Held] = {}
        self._there: dict[str, str] = {}
        self._backups: set[str] = set()
        self._by_call: dict[str, list[tuple[str, str]]] = {}

    def compacted(self, call: MadeCall) -> Iterator[Operation]:
        """Yield the rows of a compaction of an agent's context: one for it, and one per fluent that it kept.

        The call's `kept` names the calls whose results stay in the context, by id or by their event's uuid.
        """
        kept = [self._by_call.get(str(name), []) for name in call.asked.get("kept", ())]
        fluents = {fluent for touched in kept for agent, fluent in touched if agent == call.agent}
        for fluent in ["", *sorted(fluents)]:
            yield self.row(call, Touch("opaque", fluent), tool="compaction", ok=True, command=COMPACTED)

    def held(self, agent: str, fluent: str) -> Held | None:
        """Return what an agent knows about a fluent; None if it never met it."""
        return self._held.get((agent, fluent))

    def fluents(self, agent: str) -> list[str]:
        """Return the fluents that an agent has met, in the order in which it met them."""
        return [fluent for whose, fluent in self._held if whose == agent]

    def renamed(self, name: Callable[[str], str]) -> None:
        """Give each fluent another name."""
        self._held = {(agent, name(fluent)): held for (agent, fluent), held in self._held.items()}
        self._there = {name(fluent): text for fluent, text in self._there.items()}

    def backed_up(self, fluent: str, text: str) -> None:
        """Record what a fluent held, from a backup that the agent's harness made before a write."""
        self._there[fluent] = line_feeds(text)
        self._backups.add(fluent)

    def row(
        self,
        call: MadeCall,
        touch: Touch,
        *,
        tool: str,
        ok: bool,
        error: str = "",
        asked: str = "",
        command: str = "",
        plan: str = "",
        step: int | None = None,
    ) -> Operation:
        """Return the row of a call's touch, and update what the agent knows.

        The row of a redacted path has no fluent, and nothing is known about its content.
        """
        if REDACTED in touch.fluent:
            touch = Touch(touch.kind, span=touch.span, landed=touch.landed)
        if touch.fluent and touch.kind != "opaque":
            event = (call.answer or {}).get("uuid")
            for name in (call.id, event) if isinstance(event, str) else (call.id,):
                self._by_call.setdefault(name, []).append((call.agent, touch.fluent))
        before_by: BeforeBy = "transcript" if touch.before_known else ""
        key, there = (call.agent, touch.fluent), self._there.get(touch.fluent)
        moved = False
        if touch.kind == "write" and ok and not touch.before_known and there is not None and touch.hunks:
            before_by = "backup" if touch.fluent in self._backups else "patch"
            if (found := _at_hunks(touch, there)) is not None:
                touch = found
            else:
                moved = True
        held = self._held.get(key)
        meant, stands = _region(touch, held, error)
        seen: str | None = None
        before = content_hash(touch.before) if touch.before_known else None
        if moved:
            before = content_hash(f"{there}\0 no longer at {call.id}")
        after: str | None = None
        whole, span = touch.whole, touch.span
        picture: str | None = None
        if not touch.fluent:
            whole = False
        elif touch.kind == "read" and ok and call.answer is not None and not touch.needs_known:
            seen, whole, span, stands = self._read(key, touch)
        elif touch.needs_known or touch.kind == "opaque" or touch.landed is not None:
            after = content_hash(touch.after) if touch.after_known else None
            seen = content_hash(touch.text) if touch.text is not None else None
        elif touch.kind == "write" and ok:
            after, whole = self._wrote(key, touch)
            span = span or _lines(touch)
        elif touch.kind == "write":
            whole = False
        if ok and touch.fluent and touch.kind != "opaque":
            picture = self._held.get(key, Held()).picture
            self._runs_on(touch)
        return Operation(
            called=call.called,
            answered=call.answered,
            session=self._names(call.session, "session"),
            agent=self._names(call.agent, "agent"),
            turn=call.turn,
            call=self._names(call.id, "call"),
            tool=tool,
            kind=touch.kind,
            fluent=self._names(touch.fluent, "file"),
            seen=seen,
            before=before,
            before_by=before_by,
            size=_size(touch, there),
            after=after,
            picture=picture,
            version=touch.version,
            span=span,
            whole=whole,
            ok=ok,
            error=error,
            asked=asked,
            meant=meant,
            stands=stands,
            command=command,
            plan=plan,
            step=step,
            needs=content_hash(touch.needs) if touch.needs_known else None,
            place=call.place,
            closed=call.closed,
            landed=touch.landed,
            program=call.program,
            release=call.release,
        )

    def _runs_on(self, touch: Touch) -> None:
        """Update what a fluent holds, as far as the transcript shows."""
        known, text = touch.after_known, touch.after
        if touch.kind == "read":
            if touch.unchanged:
                return
            there = self._there.get(touch.fluent)
            known, text = touch.whole, touch.text
            if not touch.whole and there is not None and touch.text is not None and touch.total is not None:
                shown = Hunk(touch.start, tuple(line_feeds(touch.text).split("\n")))
                known, text = shown.fits(there) and touch.total == there.count("\n") + 1, there
        self._backups.discard(touch.fluent)
        if known and text is not None:
            self._there[touch.fluent] = line_feeds(text)
        else:
            self._there.pop(touch.fluent, None)

    def _read(self, key: tuple[str, str], touch: Touch) -> tuple[str | None, bool, str, bool | None]:
        held = self._held.setdefault(key, Held())
        if touch.unchanged and held.picture is not None:
            return held.picture, True, touch.span, True
        if touch.text is None:
            if touch.whole:
                # Nothing is there: that is known as well.
                self._held[key] = Held("", gone=True)
                return content_hash(None), True, touch.span, None
            return None, False, touch.span, None
        last = touch.start + plain_text(touch.text).count("\n")
        span = touch.span or (f"{touch.start}-{last}" if touch.start else "")
        if touch.whole:
            self._held[key] = Held(line_feeds(touch.text))
            return content_hash(touch.text), True, span, None
        stands = held.sees(line_feeds(touch.text), touch.start, touch.total)
        return content_hash(touch.text), False, span, stands

    def _wrote(self, key: tuple[str, str], touch: Touch) -> tuple[str | None, bool]:
        held = self._held.setdefault(key, Held())
        if touch.replaced:
            # What others changed is not part of the picture, although it is in the file after the edit.
            held.edited(touch.replaced)
        if not touch.replaced or (touch.after_known and held.whole is None):
            # The agent knew parts only: any change after its own write is at least known to be somebody
            # else's.
            gone = touch.after is None
            self._held[key] = Held(line_feeds(touch.after or ""), gone=gone) if touch.after_known else Held()
        return (content_hash(touch.after), True) if touch.after_known else (None, False)


def _at_hunks(touch: Touch, there: str) -> Touch | None:
    """Return a write with what the transcript shows was there, if the lines of its diff agree; else None."""
    if not all(hunk.fits(there) for hunk in touch.hunks):
        return None
    if not touch.replaced:
        return replace(touch, before=there, before_known=True)
    after: str | None = there
    for replacement in touch.replaced:
        after = replacement.done_to(after) if after is not None and replacement.old else None
    if after is None:
        return None
    return replace(touch, before=there, before_known=True, after=after, after_known=True)


def _size(touch: Touch, there: str | None) -> int | None:
    """Return the number of characters of the whole that a call read or wrote to; None if unknown."""
    if touch.kind == "read":
        return len(touch.text) if touch.whole and touch.text is not None else None
    if touch.kind == "write" and touch.before_known:
        return len(touch.before or "")
    return len(there) if touch.kind == "write" and there is not None else None


def _region(touch: Touch, held: Held | None, error: str) -> tuple[bool | None, bool | None]:
    """Say whether the old text was in what the agent knew, and in what was there."""
    if touch.kind != "write" or not touch.replaced:
        return None, None
    olds = [plain_text(r.old) for r in touch.replaced[:1]]
    meant: bool | None = None
    if held is not None and olds:
        answers = [held.has(old) for old in olds]
        meant = False if False in answers else None if None in answers else True
    if error == "not found":
        return meant, False
    if touch.before_known and touch.before is not None and olds:
        return meant, all(old in plain_text(touch.before) for old in olds)
    return meant, None


def _lines(touch: Touch) -> str:
    """Return the lines that a replacement replaced."""
    if not touch.replaced or touch.before is None:
        return ""
    place = touch.before.find(touch.replaced[0].old)
    if place < 0 or not touch.replaced[0].old:
        return ""
    first = touch.before.count("\n", 0, place) + 1
    return f"{first}-{first + touch.replaced[0].old.count(chr(10))}"
