"""`plandrift agent import`: histories as change logs, and agent transcripts as operations."""

from __future__ import annotations

from collections.abc import Callable

import typer

from plandrift.experiments.agents.transcripts.registry import FORMATS
from plandrift.experiments.cli.imports.events import import_events_command
from plandrift.experiments.cli.imports.git import import_git_command
from plandrift.experiments.cli.imports.transcripts import (
    auto_command,
    claude_code_command,
    command_of,
    entire_command,
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
    "auto": auto_command,
    "entire": entire_command,
    **{name: command_of(name) for name in FORMATS},
    "claude-code": claude_code_command,
    "otel": otel_command,
}
for name, command in COMMANDS.items():
    imports.command(name)(command)
