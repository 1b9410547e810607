"""An import from start to finish: files of a format in, a file of operations out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from plandrift.experiments.agents.transcripts import claude_code, codex, opencode, otel
from plandrift.experiments.agents.transcripts.digest import Names
from plandrift.experiments.agents.transcripts.lines import Source, sources
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.operation import Operation, OperationsFile
from plandrift.experiments.agents.transcripts.operation_buffer import ImportSummary, OperationBuffer
from plandrift.experiments.agents.transcripts.shell_touches import SHELLS
from plandrift.experiments.agents.transcripts.world_tool import is_call

Gather = Callable[[Sequence[Source], OperationBuffer, Callable[[int], None] | None], None]
Rows = Callable[[OperationBuffer, Names, Mapping], Iterator[Operation]]


@dataclass(frozen=True)
class Format:
    """How one agent's transcripts are read.

    Attributes:
        gather: reads files into an operation buffer.
        rows: makes operations from the buffer's contents.
        endings: endings of the names of its files.
    """

    gather: Gather
    rows: Rows
    endings: tuple[str, ...]


FORMATS: dict[str, Format] = {
    "claude-code": Format(claude_code.gather, claude_code.rows, claude_code.ENDINGS),
    "codex": Format(codex.gather, codex.rows, codex.ENDINGS),
    "opencode": Format(opencode.gather, opencode.rows, opencode.ENDINGS),
    "otel": Format(otel.gather, otel.rows, otel.ENDINGS),
}
"""The formats by name."""


def import_files(
    files: Sequence[Source],
    form: Format,
    out: Path,
    *,
    mapping: Mapping | None = None,
    pseudonyms: bool = False,
    progress: Callable[[int], None] | None = None,
) -> ImportSummary:
    """Write the operations of transcripts to a Parquet file.

    Args:
        files: the files to read.
        form: the format to read them in.
        out: a file name that ends in .parquet.
        mapping: what tools unknown to the format read and write.
        pseudonyms: whether sessions, agents, calls and fluents get irreversible pseudonyms.
        progress: called with the number of bytes read since the last call.

    Returns:
        What was read, and what could not be read.

    Raises:
        PlandriftError: `out` cannot be written.
    """
    summary, names = ImportSummary(), Names(pseudonyms)
    with OperationsFile(out) as kept, OperationBuffer(summary) as buffer:
        form.gather(files, buffer, progress)
        agents, last = set[tuple[str, str]](), ("", "")
        for operation in form.rows(buffer, names, mapping or Mapping()):
            kept.add(operation)
            summary.rows += 1
            if operation.tool in SHELLS and operation.fluent:
                summary.shell[operation.kind] += 1
            if operation.kind != "opaque" and not operation.fluent:
                summary.troubles["reads and writes whose path is redacted or missing"] += 1
            # The rows of one call follow each other.
            if is_call(operation) and (operation.session, operation.call) != last:
                last = operation.session, operation.call
                summary.calls += 1
                agents.add((operation.session, operation.agent))
    summary.agents, summary.sessions = len(agents), len({session for session, _ in agents})
    return summary


def import_path(
    path: Path, name: str, out: Path, mapping: Mapping | None = None, pseudonyms: bool = False
) -> ImportSummary:
    """Do the same for a file, or a folder searched recursively, in a format given by name."""
    form = FORMATS[name]
    return import_files(sources(path, form.endings), form, out, mapping=mapping, pseudonyms=pseudonyms)
