"""`plandrift import`: what history can be turned into a change log."""

from __future__ import annotations

import typer

from experiments.cli.commands.import_events import import_events_command
from experiments.cli.commands.import_git import import_git_command

imports = typer.Typer(
    help="Turn history into a change log for the world `recorded`.\n\n"
    "Example, in a git repository:\n  plandrift import git . --out history.parquet"
)


@imports.callback()
def _imports() -> None:
    """Turn history into a change log for the world `recorded`."""


imports.command("git")(import_git_command)
imports.command("events")(import_events_command)
