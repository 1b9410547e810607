"""What a resident that starts in the middle of a session can learn about it, from its log and transcript.

The log has hashes, which bring the policies up to where they were; contents are in the transcript only.
Without a transcript, what the agent knew of a file's text is unknown, but whether the file changed is not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from plandrift.experiments.agents.guard.disk import resolved
from plandrift.experiments.agents.transcripts import claude_code, codex
from plandrift.experiments.agents.transcripts.digest import Names
from plandrift.experiments.agents.transcripts.format import Gather
from plandrift.experiments.agents.transcripts.guard_lines import Logged, logged, parts
from plandrift.experiments.agents.transcripts.knowledge import Knowledge
from plandrift.experiments.agents.transcripts.lines import source_of
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.operation import NO_ANSWER, Operation
from plandrift.experiments.agents.transcripts.operation_buffer import ImportSummary, OperationBuffer
from plandrift.experiments.agents.transcripts.registry import format_of

LARGEST = 64 * 2**20
"""The largest transcript that is read while a call waits, in bytes."""


class _Rows(Protocol):
    def __call__(
        self, buffer: OperationBuffer, names: Names, mapping: Mapping, *, held: Knowledge | None
    ) -> Iterator[Operation]: ...


_READERS: dict[str, tuple[Gather, _Rows]] = {
    "claude-code": (claude_code.gather, claude_code.rows),
    "codex": (codex.gather, codex.rows),
}
"""The agents that tell their hooks where the transcript is, and whose transcripts name files as they do."""


@dataclass(frozen=True)
class Recalled:
    """What is known about a session from before.

    Attributes:
        known: the contents that its agents know.
        logged: what the log says about it, and what others did to its files.
        open: writes without an answer, each with whether the agent has read or written the file since.
        news: agents and fluents about which the transcript and the log differ.
        last: the time of the log's last row.
        place: the last place in the log.
    """

    known: Knowledge
    logged: list[Operation] = field(default_factory=list)
    open: list[tuple[Operation, bool]] = field(default_factory=list)
    news: list[tuple[str, str]] = field(default_factory=list)
    last: float = 0.0
    place: int = 0


def recalled(session: str, log: Path, transcript: Path | None, last: float) -> Recalled:
    """Return what is known about a session from before."""
    # Most sessions are new, and a whole log is long.
    lines = list(logged(log)) if _mentions(log, session) else []
    rows = [line.operation for line in lines]
    mine = [row for row in rows if row.session == session]
    fluents = {row.fluent for row in mine if row.fluent}
    others = [row for row in rows if row.session != session and row.kind == "write" and row.fluent in fluents]
    ordered = sorted(
        [*mine, *others], key=lambda row: (row.called, row.session, row.agent, row.call, row.fluent)
    )
    known = Knowledge(Names(hidden=False))
    seen = {}
    if transcript is not None:
        seen = _read(session, transcript, known)
        known.renamed(resolved)
    pictures = {(row.agent, row.fluent): row.picture for row in mine if row.ok and row.picture}
    news = [key for key, picture in seen.items() if picture != pictures.get(key)]
    times = [row.answered or row.called for row in rows]
    return Recalled(
        known,
        ordered,
        _open(session, lines),
        news,
        max([last, *times]),
        max((max(row.place, row.closed or 0) for row in rows), default=0),
    )


def _open(session: str, lines: list[Logged]) -> list[tuple[Operation, bool]]:
    """Return the writes without an answer, each with whether the agent has read or written the file since."""
    waiting: dict[tuple[str, str], list[Operation]] = {}
    found: list[tuple[Operation, bool]] = []
    for line in sorted(lines, key=lambda line: line.operation.called):
        op = line.operation
        if op.session != session:
            continue
        if (op.kind == "read" and op.whole) or op.ok:
            found += [(write, True) for write in waiting.pop((op.agent, op.fluent), [])]
        elif op.error == NO_ANSWER or line.did == "asked":
            waiting.setdefault((op.agent, op.fluent), []).append(op)
    return found + [(write, False) for writes in waiting.values() for write in writes]


def _mentions(log: Path, session: str) -> bool:
    """Say whether a log may have rows of a session, without reading what they say."""
    name = json.dumps(session, ensure_ascii=False).encode()
    try:
        return any(name in part.read_bytes() for part in parts(log) if part.is_file())
    except OSError:
        return False


def _read(session: str, transcript: Path, known: Knowledge) -> dict[tuple[str, str], str]:
    """Read a transcript; return what its agents know of whole files."""
    try:
        # A pipe would hold up every session.
        if not transcript.is_file() or transcript.stat().st_size > LARGEST:
            return {}
        source = source_of(transcript)
        name = format_of(source)
        if name not in _READERS:
            return {}
        gather, rows = _READERS[name]
        made: dict[tuple[str, str], str] = {}
        with OperationBuffer(ImportSummary(), name) as buffer:
            gather([source], buffer, None)
            for row in rows(buffer, Names(hidden=False), Mapping(), held=known):
                if row.session == session and row.fluent and row.picture is not None:
                    made[row.agent, resolved(row.fluent)] = row.picture
        return made
    except Exception:
        # Whatever is wrong with a transcript, the calls of its session must be answered.
        return {}
