"""An import from start to finish: files of one or several formats in, a file of operations out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Groups
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO

from plandrift.experiments.agents.transcripts import claude_code
from plandrift.experiments.agents.transcripts.digest import Names
from plandrift.experiments.agents.transcripts.file_history import FileHistory
from plandrift.experiments.agents.transcripts.format import Format
from plandrift.experiments.agents.transcripts.lines import Source, sources
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.operation import OperationsFile
from plandrift.experiments.agents.transcripts.operation_buffer import ImportSummary, OperationBuffer
from plandrift.experiments.agents.transcripts.registry import FORMATS
from plandrift.experiments.agents.transcripts.shell_touches import SHELLS
from plandrift.experiments.agents.transcripts.world_tool import is_call


def with_history(history: FileHistory) -> Format:
    """Return Claude Code's format with the backups on the user's own machine."""
    return replace(
        claude_code.FORMAT,
        gather=partial(claude_code.gather, history=history),
        rows=partial(claude_code.rows, history=history),
    )


def import_files(
    groups: Groups[str, Sequence[Source]],
    out: Path,
    *,
    mapping: Mapping | None = None,
    pseudonyms: bool = False,
    progress: Callable[[int], None] | None = None,
    history: FileHistory | None = None,
) -> ImportSummary:
    """Write the operations of transcripts to a Parquet file.

    Args:
        groups: the files to read, by the name of their format.
        out: a file name that ends in .parquet.
        mapping: what tools unknown to the formats read and write.
        pseudonyms: whether sessions, agents, calls and fluents get irreversible pseudonyms.
        progress: called with the number of bytes read since the last call.
        history: the backups that Claude Code keeps on the user's own machine.

    Returns:
        What was read, and what could not be read.

    Raises:
        PlandriftError: `out` cannot be written.
    """
    summary, names = ImportSummary(), Names(pseudonyms)
    with OperationsFile(out) as kept:
        for name, files in groups.items():
            form = FORMATS[name]
            if history is not None and form is claude_code.FORMAT:
                form = with_history(history)
            with OperationBuffer(summary, name) as buffer:
                _import(files, form, buffer, names, mapping or Mapping(), kept, progress)
    return summary


def _import(
    files: Sequence[Source],
    form: Format,
    buffer: OperationBuffer,
    names: Names,
    mapping: Mapping,
    kept: OperationsFile,
    progress: Callable[[int], None] | None,
) -> None:
    summary, begun = buffer.summary, list[int]()

    def noted(source: Source) -> Source:
        def opens() -> IO[bytes]:
            begun.append(buffer.heard + summary.merged)
            return source.opens()

        return replace(source, opens=opens)

    form.gather([noted(source) for source in files], buffer, progress)
    ended = [*begun[1:], buffer.heard + summary.merged]
    empty = sum(before == after for before, after in zip(begun, ended, strict=False))
    if empty:
        summary.troubles[f"files of {form.name} without a call"] += empty
    agents, last = set[tuple[str, str]](), ("", "")
    for operation in form.rows(buffer, names, mapping):
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
            summary.programs[form.name] += 1
            if operation.release:
                summary.releases.setdefault(form.name, set()).add(operation.release)
            agents.add((operation.session, operation.agent))
    summary.agents += len(agents)
    summary.sessions += len({session for session, _ in agents})


def import_path(
    path: Path, name: str, out: Path, mapping: Mapping | None = None, pseudonyms: bool = False
) -> ImportSummary:
    """Do the same for a file, or a folder searched recursively, in a format given by name."""
    files = sources(path, FORMATS[name].endings)
    return import_files({name: files}, out, mapping=mapping, pseudonyms=pseudonyms)
