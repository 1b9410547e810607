"""An operation: one call of a real agent on one fluent, as rows of a Parquet file.

It never holds contents: what was seen, and what was there before and after a write, are hashes, and what
has to be asked of contents (is the old text still there?) is asked at import, with the answer in the row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import IO, Literal

from plandrift.sim import PlandriftError
from plandrift.worlds.logs.sql import quoted

OperationKind = Literal["read", "write", "opaque"]

ERRORS = ("not read", "modified", "not found", "ambiguous", "missing", "declined", "refused", "other")
"""Why a call was not carried out: the file was not read before; was modified since; the old text was not
found; was found more than once; there is no such file; a person said no; the world's own check said no;
anything else."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of an agent, on one fluent; a call on several is as many rows with one `call`.

    Attributes:
        called: when it was made, in seconds since the epoch.
        answered: when its answer came; None where there is none.
        session: the conversation.
        agent: who in it; empty for the main one, a subagent's id for others.
        turn: how many prompts of a person the session had had.
        call: the call's id, which its rows share.
        tool: its name.
        kind: ``read``, ``write``, or ``opaque``: what it read and wrote is unknown.
        fluent: a file, a key, a URL; empty where it names none.
        seen: hash of what was read; None where that is not known.
        before: hash of the whole that was there just before a write, ``absent`` for nothing; None if not
            known.
        after: hash of the whole that was there just after it.
        version: the version that was seen or demanded, where the tool says.
        span: the lines read or replaced, such as ``10-24``; empty where not known.
        whole: whether `seen` or `after` is of the whole.
        ok: whether it was carried out.
        error: one of `ERRORS`, empty if it was.
        asked: hash of tool and arguments: an identical call has the same.
        meant: for a replacement, whether the old text stood in what the agent knew; None where that is not
            known.
        stands: for a replacement, whether the old text stood in what was there; for a read of a part, whether
            that part is as the agent knew it; None where that is not known.
        command: what an opaque call ran: ``formatter``, ``git``, ``command``, or ``agent``; empty for one
            that changes nothing; of news that came unasked ``news``.
        plan: what it declared: ``accepted`` (a plan that a person accepted), ``list`` (a list of
            to-dos), ``progress`` (the same to-dos with other statuses), ``finished`` (none is left); or
            empty. A plan that says what it rests on has rows of its own beside: ``basis`` (what was seen
            of a fluent, with its version, and in `called` when that was so), ``goal``, and ``step``,
            ``done`` and ``in flight`` (what a step, perhaps done or under way already, needs and leaves).
        step: which step of the plan in hand it is about, as the transcript says; None where it does not.
        needs: hash that the fluent must have for the call, where the call itself says so.
        place: where the call stands among the calls and answers of its session.
        closed: where its answer stands among them; None where there is none.
        landed: when it reached the world, where the transcript says so.
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
    after: str | None = None
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


ABSENT = "absent"
"""The hash of what is not there."""

PLAN_PARTS = frozenset({"basis", "goal", "step", "done", "in flight"})
"""The rows that say what a declared plan rests on; they are not calls."""

COLUMNS = tuple(field.name for field in fields(Operation))
_TYPES = {"float": "double", "int": "bigint", "bool": "boolean"}
_KINDS = {field.name: _TYPES.get(str(field.type).partition(" ")[0], "varchar") for field in fields(Operation)}
_TEXTS = {field.name for field in fields(Operation) if str(field.type) in ("str", "OperationKind")}


def check_operations_path(out: Path) -> None:
    """Refuse where operations cannot be written, before hours of transcripts are read.

    Raises:
        PlandriftError: its name does not end in .parquet, or its folder is not there.
    """
    if out.suffix != ".parquet":
        raise PlandriftError(f"--out {out}: end its name in .parquet")
    if not out.parent.is_dir():
        raise PlandriftError(f"--out {out}: there is no folder {out.parent}: make it first")


class OperationsFile:
    """Operations being written to a Parquet file, row by row, with none of them kept in memory.

    Raises:
        PlandriftError: it cannot be written, or its name does not end in .parquet.
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
        self._writer.writerow(astuple(operation))

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
    """The operations of a file that `plandrift agent import` wrote, in order of time.

    Raises:
        PlandriftError: it is not there, or is not a file of operations.
    """
    import duckdb

    if not path.exists():
        raise PlandriftError(f"{path}: there is no such file: make one with plandrift agent import")
    with duckdb.connect(config={"threads": 1}) as connection:
        try:
            cursor = connection.execute(
                f"select {', '.join(COLUMNS)} from read_parquet({quoted(path)}) "
                "order by called, session, agent, call, fluent"
            )
        except duckdb.Error:
            raise PlandriftError(
                f"{path}: it holds no operations: make one with plandrift agent import claude-code, codex, "
                "opencode, otel or entire"
            ) from None
        while rows := cursor.fetchmany(4096):
            for row in rows:
                yield Operation(*row)
