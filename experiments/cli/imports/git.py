"""`plandrift agent import git`: a repository's history as a change log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from plandrift.experiments.cli.printing import SafeConsole
from plandrift.worlds.logs.git_history import DAY, Merges, check_out, import_git


def import_git_command(
    repository: Annotated[Path, typer.Argument(help="a folder inside the repository")],
    out: Annotated[Path, typer.Option(help="file to write the log to: .parquet, .csv or .jsonl")],
    all_commits: Annotated[
        bool, typer.Option("--all-commits", help="all commits except merges, not only the main line")
    ] = False,
    renames: Annotated[bool, typer.Option(help="follow renamed files")] = True,
    authors: Annotated[bool, typer.Option("--authors", help="keep real names instead of pseudonyms")] = False,
    merges: Annotated[
        Merges,
        typer.Option(
            help="who a merge's changes are credited to: the branch's authors, file by file, or the merger"
        ),
    ] = "authors",
) -> None:
    """Import a git history as a change log.

    Each file is a fluent, each commit a change set.

    Example, in a git repository:
      plandrift agent import git . --out history.parquet
    """
    check_out(out)
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TextColumn("commits"))
    console = SafeConsole(stderr=True)
    remaining = TimeRemainingColumn()
    with Progress(
        *columns, remaining, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=None)
        found = import_git(
            repository,
            out,
            commits="all" if all_commits else "first-parent",
            renames=renames,
            authors=authors,
            merges=merges,
            progress=_updater(bar, task),
        )
    begins, ends = (datetime.fromtimestamp(t, UTC).date() for t in (found.begins, found.ends))
    print(
        f"{out}: {found.changes} changes of {found.files} files in {found.commits} commits by "
        f"{found.authors} author{'s' * (found.authors != 1)}, {begins} to {ends}"
    )
    if found.shallow:
        print(
            f"{repository} is a shallow clone: changes before {begins} are missing, and its oldest "
            "commit appears to create every file; git fetch --unshallow gets the rest"
        )
    if found.crowded is not None:
        day, sets = found.crowded
        when = datetime.fromtimestamp(day * DAY, UTC).date()
        print(
            f"{sets} commits carry the same date, {when}: a history was merged in or rewritten then, "
            "and ages around that date mean nothing"
        )


def _updater(bar: Progress, task: TaskID) -> Callable[[int, int], None]:
    def update(done: int, of: int) -> None:
        bar.update(task, completed=done, total=of)

    return update
