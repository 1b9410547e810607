"""An operation: one call of a real agent on one fluent, as a row of a Parquet file.

It never holds contents: what was seen, and the content before and after a write, are stored as hashes.
Questions about contents (is the old text still there?) are answered at import, and the answer is stored in
the row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import IO, Literal

from plandrift.sim import PlandriftError
from plandrift.worlds.logs.sql import quoted

OperationKind = Literal["read", "write", "opaque"]

BeforeBy = Literal["", "transcript", "patch", "backup", "guard"]

COMPACTED = "compacted"
"""The command of a row that says that the agent's context was compacted."""
NO_ANSWER = "no answer"
"""The error of a call whose answer did not come in time: it may have been executed."""
REFUSED_UNHEARD = "refused unheard"
"""The error of a call of an exported episode that was refused, and whose answer was lost."""
HELD_BACK = "held back"
"""The error of a call that a guard in front of the agent's tools held back."""
ERRORS = (
    "not read",
    "modified",
    "not found",
    "ambiguous",
    "missing",
    "declined",
    "refused",
    NO_ANSWER,
    REFUSED_UNHEARD,
    HELD_BACK,
    "other",
)
"""Why a call was not executed: the file had not been read; it was modified since; the old text was not
found; it was found more than once; the file does not exist; a person declined; the world's own check refused
it; no answer came in time; both of these; a guard held it back; anything else."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of an agent on one fluent; a call on several has several rows with the same `call`.

    Attributes:
        called: time of the call, in seconds since the epoch.
        answered: time of its answer; None if there is none.
        session: the conversation.
        agent: the agent within it: empty for the main one, a subagent's id for others.
        turn: number of prompts that a person had given in the session.
        call: the call's id, which its rows share.
        tool: the tool's name.
        kind: ``read``, ``write``, or ``opaque``: what it read and wrote is unknown.
        fluent: a file, a key or a URL; empty if the call names none.
        seen: hash of what was read; None if unknown.
        before: hash of the whole content just before a write, ``absent`` if there was none; None if
            unknown.
        before_by: how that is known. The ``transcript`` contains it; or the transcript last showed it, or a
            ``backup`` contained it, and the lines of the write's ``patch`` agree. If they do not agree, the
            content had changed, and `before` is a hash that no content has. Empty if unknown.
        size: the characters of the whole content read or written to, if known.
        after: hash of the whole content just after the write; of a whole that a guard held back, of what it
            would have written.
        picture: hash of the whole as the agent knows it after a read or write: as last seen or written as a
            whole, with its own edits since, but without what others changed meanwhile; None if it does not
            know the whole.
        version: the version that was seen or required, if the tool says so.
        span: the lines read or replaced, such as ``10-24``; empty if unknown.
        whole: whether `seen` or `after` is the hash of the whole.
        ok: whether it was executed.
        error: one of `ERRORS`; empty if it was executed.
        asked: hash of tool and arguments, equal for identical calls.
        meant: for a replacement, whether the old text was in what the agent knew; None if unknown.
        stands: for a replacement, whether the old text was in the content; for a partial read, whether that
            part is as the agent knew it; None if unknown.
        command: what an opaque call ran: ``formatter``, ``git``, ``command``, or ``agent``; empty if it
            changes nothing; ``news`` for unsolicited news; ``compacted`` for a compaction of the agent's
            context, with a further row for each fluent that is still in it.
        plan: what it declared: ``accepted`` (a plan that a person accepted), ``list`` (a to-do list),
            ``progress`` (the same to-dos with other statuses), ``finished`` (no to-do is left); or empty. A
        plan that states its assumptions has further rows: ``basis`` (what was seen of a fluent, with its
            version, and in `called` when that was true), ``goal``, and ``step``, ``done`` and ``in flight``
            (what a step needs and leaves, where ``done`` and ``in flight`` mean that it is finished or under
            way).
        step: the step of the plan in hand that it concerns, if the transcript says so; else None.
        needs: hash that the fluent must have for the call, if the call states it.
        place: position of the call among the calls and answers of its session.
        closed: position of its answer among them; None if there is none.
        landed: when it reached the world, if the transcript says so.
        program: the agent's name, which is that of the transcript's format.
        release: the agent's version; empty if unknown.
    """

    called: float
    answered: float | None
    session: str
    agent: str
    turn: int
    call: str
    tool: str
    kind: OperationKind
    fluent: str = ""
    seen: str | None = None
    before: str | None = None
    before_by: BeforeBy = ""
    size: int | None = None
    after: str | None = None
    picture: str | None = None
    version: str | None = None
    span: str = ""
    whole: bool = False
    ok: bool = True
    error: str = ""
    asked: str = ""
    meant: bool | None = None
    stands: bool | None = None
    command: str = ""
    plan: str = ""
    step: int | None = None
    needs: str | None = None
    place: int = 0
    closed: int | None = None
    landed: float | None = None
    program: str = ""
    release: str = ""

    @property
    def replaces(self) -> bool:
        """Say whether it replaced a text, as opposed to the whole."""
        return self.meant is not None or self.stands is not None

    @property
    def moved(self) -> bool:
        """Say whether its old text was gone although the agent had known it."""
        return self.stands is False and self.meant is True


ABSENT = "absent"
"""The hash that stands for absence."""

PLAN_PARTS = frozenset({"basis", "goal", "step", "done", "in flight"})
"""The rows that state a declared plan's assumptions; they are not calls."""

COLUMNS = tuple(field.name for field in fields(Operation))
_CELLS = attrgetter(*COLUMNS)
_ORDER = attrgetter("called", "session", "agent", "call", "fluent")
_TYPES = {"float": "double", "int": "bigint", "bool": "boolean"}
_KINDS = {field.name: _TYPES.get(str(field.type).partition(" ")[0], "varchar") for field in fields(Operation)}
_TEXTS = {
    field.name for field in fields(Operation) if str(field.type) in ("str", "OperationKind", "BeforeBy")
}


def check_operations_path(out: Path) -> None:
    """Check that operations can be written before hours of transcripts are read.

    Raises:
        PlandriftError: the name does not end in .parquet, or the folder does not exist.
    """
    if out.suffix != ".parquet":
        raise PlandriftError(f"--out {out}: end its name in .parquet")
    if not out.parent.is_dir():
        raise PlandriftError(f"--out {out}: there is no folder {out.parent}: make it first")


def release_order(release: str) -> list[tuple[int, str]]:
    """Return what versions are ordered by: numbers as numbers.

    >>> sorted(["2.1.9", "2.1.10", "2.1"], key=release_order)
    ['2.1', '2.1.9', '2.1.10']
    """
    parts = re.findall(r"\d+|[^\d.]+", release)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


class OperationsFile:
    """Operations written to a Parquet file row by row, without keeping any in memory.

    Raises:
        PlandriftError: the file cannot be written, or its name does not end in .parquet.
    """

    def __init__(self, out: Path) -> None:
        check_operations_path(out)
        self._out, self._rows = out, out.with_suffix(".rows")
        self._file: IO[str]

    def __enter__(self) -> OperationsFile:
        try:
            self._file = self._rows.open("w", newline="", encoding="utf-8", errors="replace")
        except OSError as error:
            raise PlandriftError(f"--out {self._out}: {error.strerror}") from None
        self._writer = csv.writer(self._file)
        return self

    def add(self, operation: Operation) -> None:
        """Write one row."""
        self._writer.writerow(_CELLS(operation))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._file.close()
        try:
            if kind is None:
                self._finish()
        finally:
            self._rows.unlink(missing_ok=True)

    def _finish(self) -> None:
        import duckdb

        columns = ", ".join(f"{name}: '{kind}'" for name, kind in _KINDS.items())
        shown = ", ".join(f"coalesce({name}, '') as {name}" if name in _TEXTS else name for name in _KINDS)
        try:
            with duckdb.connect(config={"threads": 1, "memory_limit": "1GB"}) as connection:
                connection.execute(
                    f"""copy (select {shown} from read_csv({quoted(self._rows)}, columns = {{{columns}}},
                        header = false, auto_detect = false, delim = ',', quote = '"', escape = '"',
                        max_line_size = 4000000, parallel = false) order by called, session, agent, call)
                        to {quoted(self._out)} (format parquet)"""
                )
        except duckdb.Error as error:
            raise PlandriftError(f"--out {self._out}: {str(error).splitlines()[0]}") from None


def operations(path: Path) -> Iterator[Operation]:
    """Yield the operations of a file of `plandrift agent import`, or of a guard's log, in order of time.

    Raises:
        PlandriftError: the file does not exist, or is not a file of operations.
    """
    if not path.exists():
        raise PlandriftError(f"{path}: no such file: make one with plandrift agent import")
    if path.suffix == ".jsonl":
        # Imported here, because rows of a log hold operations.
        from plandrift.experiments.agents.transcripts.guard_lines import logged

        made = sorted((row.operation for row in logged(path)), key=_ORDER)
        if not made:
            raise PlandriftError(f"{path}: it holds no operations: give a guard's log, or import transcripts")
        yield from made
        return
    import duckdb

    with duckdb.connect(config={"threads": 1}) as connection:
        try:
            cursor = connection.execute(
                f"select {', '.join(COLUMNS)} from read_parquet({quoted(path)}) "
                "order by called, session, agent, call, fluent"
            )
        except duckdb.Error:
            raise PlandriftError(
                f"{path}: it holds no operations, or those of an older version: make it with plandrift agent "
                "import"
            ) from None
        while rows := cursor.fetchmany(4096):
            for row in rows:
                yield Operation(*row)
