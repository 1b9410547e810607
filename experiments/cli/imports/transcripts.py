"""`plandrift agent import`: agent transcripts as operations, one command for each format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from plandrift.experiments.agents.transcripts.registry import FORMATS
from plandrift.experiments.cli.printing import SafeConsole
from plandrift.sim import PlandriftError

if TYPE_CHECKING:
    from plandrift.experiments.agents.transcripts.lines import Source
    from plandrift.experiments.agents.transcripts.operation_buffer import ImportSummary

Transcript = Annotated[Path, typer.Argument(help="a file, or a folder, searched recursively")]
Out = Annotated[Path, typer.Option(help="file to write the operations to: .parquet")]
Tools = Annotated[Path | None, typer.Option(help="a TOML file that says what other tools read and write")]
Pseudonyms = Annotated[
    bool, typer.Option("--pseudonyms", help="replace sessions, agents and paths by irreversible pseudonyms")
]


def claude_code_command(
    path: Transcript,
    out: Out,
    mapping: Tools = None,
    pseudonyms: Pseudonyms = False,
    history: Annotated[
        Path | None,
        typer.Option(help="the folder of Claude Code's backups of edited files: ~/.claude/file-history"),
    ] = None,
) -> None:
    """Import Claude Code session files.

    Newer ones leave out what a large file held before an edit; --history takes it from the agent's backups.

    Example, after `plandrift run files --policy gated --transcript session.jsonl`:
      plandrift agent import claude-code session.jsonl --out ops.parquet
    """
    from plandrift.experiments.agents.transcripts.lines import sources

    files = sources(path, FORMATS["claude-code"].endings)
    _import({"claude-code": files}, out, mapping, pseudonyms, history=history)


def command_of(name: str) -> Callable[..., None]:
    """Return the command that imports a format."""

    def command(path: Transcript, out: Out, mapping: Tools = None, pseudonyms: Pseudonyms = False) -> None:
        from plandrift.experiments.agents.transcripts.lines import sources

        _import({name: sources(path, FORMATS[name].endings)}, out, mapping, pseudonyms)

    form = FORMATS[name]
    command.__doc__ = (
        f"Import {form.files}.\n\nExample, in a folder with {form.example}:\n"
        f"  plandrift agent import {name} {form.example} --out ops.parquet\n"
    )
    return command


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
    command_of("otel")(path, out, mapping, pseudonyms)


def auto_command(
    folders: Annotated[
        list[Path], typer.Argument(help="folders to search, such as your home folder or a repository")
    ],
    out: Out,
    mapping: Tools = None,
    pseudonyms: Pseudonyms = False,
) -> None:
    """Import the transcripts of every agent that are found in folders.

    A file's format is recognized by its contents. What was found and what was skipped is listed with counts.

    Example, in a folder with rollout.jsonl:
      plandrift agent import auto . --out ops.parquet
    """
    from plandrift.experiments.agents.transcripts.finding import find

    found = find(folders)
    _import(found.files, out, mapping, pseudonyms, found.skipped)


def entire_command(
    repository: Annotated[Path, typer.Argument(help="a repository with the branch entire/checkpoints/v1")],
    out: Out,
    pseudonyms: Pseudonyms = False,
    agent: Annotated[
        str | None, typer.Option(help="the agent, such as claude-code; all agents if not given")
    ] = None,
) -> None:
    """Import the transcripts that Entire keeps in a repository.

    Example, in a repository that holds Entire checkpoints:
      plandrift agent import entire . --out ops.parquet
    """
    # Imported here, because `plandrift agent import git` reads no transcripts.
    from plandrift.experiments.agents.transcripts.entire import checkpoints
    from plandrift.experiments.agents.transcripts.operation import check_operations_path

    if agent is not None and agent not in FORMATS:
        raise PlandriftError(f"--agent {agent}: give one of {', '.join(sorted(set(FORMATS) - {'otel'}))}")
    check_operations_path(out)
    found = checkpoints(repository)
    groups = {name: files for name, files in found.files.items() if agent in (None, name)}
    if not groups:
        there = ", ".join(sorted(found.files)) or "no readable ones"
        whose = "" if agent is None else f"--agent {agent}: "
        raise PlandriftError(f"{whose}{repository} has no such transcripts; it has those of: {there}")
    _import(groups, out, None, pseudonyms, found.skipped())


def _import(
    groups: Mapping[str, Sequence[Source]],
    out: Path,
    mapping: Path | None,
    pseudonyms: bool,
    skipped: Mapping[str, int] | None = None,
    history: Path | None = None,
) -> None:
    from plandrift.experiments.agents.transcripts.file_history import FileHistory
    from plandrift.experiments.agents.transcripts.importing import import_files
    from plandrift.experiments.agents.transcripts.mapping import read_mapping
    from plandrift.experiments.agents.transcripts.operation import check_operations_path

    check_operations_path(out)
    if history is not None and not history.is_dir():
        raise PlandriftError(f"--history {history}: there is no such folder: give ~/.claude/file-history")
    backups = None if history is None else FileHistory(history)
    tools = read_mapping(mapping)
    with _progress(sum(f.size for files in groups.values() for f in files)) as progress:
        summary = import_files(
            groups, out, mapping=tools, pseudonyms=pseudonyms, progress=progress, history=backups
        )
    summary.troubles.update(skipped or {})
    if backups is not None:
        summary.troubles += backups.troubles
    _say(out, summary, {name: len(files) for name, files in groups.items()})


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    console = SafeConsole(stderr=True)
    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total)
        yield lambda size: bar.advance(task, size)


def _say(out: Path, summary: ImportSummary, files: Mapping[str, int]) -> None:
    print(
        f"{out}: {summary.rows} operations of {summary.calls} calls by {summary.agents} "
        f"agent{'s' * (summary.agents != 1)} in {summary.sessions} session{'s' * (summary.sessions != 1)}; "
        f"{summary.files} file{'s' * (summary.files != 1)}, {summary.size / 1e6:.1f} MB"
    )
    for name, count in files.items():
        from plandrift.experiments.agents.transcripts.operation import release_order

        releases = sorted(summary.releases.get(name, ()), key=release_order)
        versions = " to ".join(dict.fromkeys([releases[0], releases[-1]])) if releases else "version unknown"
        print(f"{name}, {versions}: {summary.programs[name]} calls in {count} file{'s' * (count != 1)}")
    if summary.shell:
        print(f"from plain shell commands: {summary.shell['read']} reads, {summary.shell['write']} writes")
    if summary.merged:
        print(f"{summary.merged} duplicate events were counted only once")
    for note, count in sorted(summary.notes.items()):
        print(f"{count} {note}")
    for trouble, count in sorted(summary.troubles.items()):
        print(f"skipped: {count} {trouble}")
