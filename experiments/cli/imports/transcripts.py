"""`plandrift agent import`: agent transcripts as operations, one command per format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from plandrift.experiments.cli.printing import SafeConsole
from plandrift.sim import PlandriftError

if TYPE_CHECKING:
    from plandrift.experiments.agents.transcripts.operation_buffer import ImportSummary

Transcript = Annotated[Path, typer.Argument(help="a file, or a folder, searched recursively")]
Out = Annotated[Path, typer.Option(help="file to write the operations to: .parquet")]
Tools = Annotated[Path | None, typer.Option(help="a TOML file that says what other tools read and write")]
Pseudonyms = Annotated[
    bool, typer.Option("--pseudonyms", help="replace sessions, agents and paths by irreversible pseudonyms")
]


def claude_code_command(
    path: Transcript, out: Out, mapping: Tools = None, pseudonyms: Pseudonyms = False
) -> None:
    """Import Claude Code session files.

    Example, after `plandrift run files --policy gated --transcript session.jsonl`:
      plandrift agent import claude-code session.jsonl --out ops.parquet
    """
    _import(path, "claude-code", out, mapping, pseudonyms)


def codex_command(path: Transcript, out: Out, mapping: Tools = None, pseudonyms: Pseudonyms = False) -> None:
    """Import Codex rollout files.

    Example, in a folder with rollout.jsonl:
      plandrift agent import codex rollout.jsonl --out ops.parquet
    """
    _import(path, "codex", out, mapping, pseudonyms)


def opencode_command(
    path: Transcript, out: Out, mapping: Tools = None, pseudonyms: Pseudonyms = False
) -> None:
    """Import OpenCode session exports.

    Example, in a folder with export.json:
      plandrift agent import opencode export.json --out ops.parquet
    """
    _import(path, "opencode", out, mapping, pseudonyms)


def otel_command(
    path: Transcript,
    out: Out,
    mapping: Annotated[Path, typer.Option(help="a TOML file that says what each tool reads and writes")],
    pseudonyms: Pseudonyms = False,
) -> None:
    """Import OpenTelemetry GenAI spans or other JSON lines.

    A mapping says what each tool reads and writes.

    Example, in a folder with spans.jsonl and tools.toml:
      plandrift agent import otel spans.jsonl --mapping tools.toml --out ops.parquet
    """
    _import(path, "otel", out, mapping, pseudonyms)


def entire_command(
    repository: Annotated[Path, typer.Argument(help="a repository with the branch entire/checkpoints/v1")],
    out: Out,
    pseudonyms: Pseudonyms = False,
    agent: Annotated[
        str, typer.Option(help="whose transcripts: claude-code, codex or opencode")
    ] = "claude-code",
) -> None:
    """Import the transcripts that Entire keeps in a repository.

    Example, in a repository that holds Entire checkpoints:
      plandrift agent import entire . --out ops.parquet
    """
    # Imported here, because `plandrift agent import git` reads no transcripts.
    from plandrift.experiments.agents.transcripts.entire import checkpoints
    from plandrift.experiments.agents.transcripts.importing import FORMATS, import_files
    from plandrift.experiments.agents.transcripts.operation import check_operations_path

    if agent not in FORMATS:
        raise PlandriftError(f"--agent {agent}: give one of {', '.join(sorted(set(FORMATS) - {'otel'}))}")
    check_operations_path(out)
    found = checkpoints(repository)
    files = found.files.get(agent, [])
    if not files:
        there = ", ".join(sorted(found.files)) or "no readable ones"
        raise PlandriftError(
            f"--agent {agent}: {repository} has no transcripts of this agent; it has those of: {there}"
        )
    with _progress(sum(f.size for f in files)) as progress:
        summary = import_files(files, FORMATS[agent], out, pseudonyms=pseudonyms, progress=progress)
    if found.missing:
        summary.troubles["transcripts whose blob is missing from the repository"] = found.missing
    for name, count in found.others.items():
        summary.troubles[f"transcripts of {name} in a format that cannot be read"] = count
    _say(out, summary)


def _import(path: Path, name: str, out: Path, mapping: Path | None, pseudonyms: bool) -> None:
    from plandrift.experiments.agents.transcripts.importing import FORMATS, import_files
    from plandrift.experiments.agents.transcripts.lines import sources
    from plandrift.experiments.agents.transcripts.mapping import read_mapping
    from plandrift.experiments.agents.transcripts.operation import check_operations_path

    check_operations_path(out)
    form = FORMATS[name]
    files = sources(path, form.endings)
    with _progress(sum(f.size for f in files)) as progress:
        summary = import_files(
            files, form, out, mapping=read_mapping(mapping), pseudonyms=pseudonyms, progress=progress
        )
    _say(out, summary)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    console = SafeConsole(stderr=True)
    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total)
        yield lambda size: bar.advance(task, size)


def _say(out: Path, summary: ImportSummary) -> None:
    print(
        f"{out}: {summary.rows} operations of {summary.calls} calls by {summary.agents} "
        f"agent{'s' * (summary.agents != 1)} in {summary.sessions} session{'s' * (summary.sessions != 1)}; "
        f"{summary.files} file{'s' * (summary.files != 1)}, {summary.size / 1e6:.1f} MB"
    )
    if summary.shell:
        print(f"from plain shell commands: {summary.shell['read']} reads, {summary.shell['write']} writes")
    if summary.merged:
        print(f"{summary.merged} duplicate events were counted only once")
    for trouble, count in sorted(summary.troubles.items()):
        print(f"skipped: {count} {trouble}")
