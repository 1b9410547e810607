"""`plandrift agent import`: histories as change logs, and agent transcripts as operations."""

from __future__ import annotations

from collections.abc import Callable

import typer

from plandrift.experiments.cli.imports.events import import_events_command
from plandrift.experiments.cli.imports.git import import_git_command
from plandrift.experiments.cli.imports.transcripts import (
    claude_code_command,
    codex_command,
    entire_command,
    opencode_command,
    otel_command,
)

imports = typer.Typer(
    help="Import agent transcripts, git histories and event logs."
    "\n\nA history becomes a change log for the world `recorded`, and a transcript becomes operations for "
    "`plandrift agent audit`.\n\nExample, in a git repository:\n  "
    "plandrift agent import git . --out history.parquet"
)


@imports.callback()
def _imports() -> None:
    """Import a history as a change log, or agent transcripts as operations."""


COMMANDS: dict[str, Callable[..., None]] = {
    "git": import_git_command,
    "events": import_events_command,
    "claude-code": claude_code_command,
    "codex": codex_command,
    "opencode": opencode_command,
    "otel": otel_command,
    "entire": entire_command,
}
for name, command in COMMANDS.items():
    imports.command(name)(command)
