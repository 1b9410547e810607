"""`plandrift import git` and `plandrift survival`: real history in, and what it says of plans."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from experiments.git_history import check_out, import_git
from experiments.printing import check_format, print_rows, shown
from experiments.survival import AGES, Curve, WritesBy, survival
from worlds.change_log import opened

imports = typer.Typer(help="Turn history into a change log for the world `recorded`.")


@imports.callback()
def _imports() -> None:
    """Turn history into a change log for the world `recorded`."""


@imports.command("git")
def import_git_command(
    repository: Annotated[Path, typer.Argument(help="a folder of the repository")],
    out: Annotated[Path, typer.Option(help="the log: .parquet, .csv or .jsonl")],
    all_commits: Annotated[
        bool, typer.Option("--all-commits", help="all commits but merges, not only the main line")
    ] = False,
    renames: Annotated[bool, typer.Option(help="follow renamed files")] = True,
    authors: Annotated[bool, typer.Option("--authors", help="names in place of pseudonyms")] = False,
) -> None:
    """Write a git repository's history as a change log: a fluent a file, a change set a commit."""
    check_out(out)
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TextColumn("commits"))
    console = Console(stderr=True)
    remaining = TimeRemainingColumn()
    with Progress(
        *columns, remaining, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=None)
        found = import_git(
            repository, out, commits="all" if all_commits else "first-parent", renames=renames,
            authors=authors, progress=_told(bar, task),
        )  # fmt: skip
    begins, ends = (datetime.fromtimestamp(t, UTC).date() for t in (found.begins, found.ends))
    print(
        f"{out}: {found.changes} changes of {found.files} files in {found.commits} commits by "
        f"{found.authors} author{'s' * (found.authors != 1)}, {begins} to {ends}"
    )
    if found.shallow:
        print(
            f"{repository} is a shallow clone: what was changed before {begins} is missing, and its oldest "
            "commit seems to create every file; git fetch --unshallow brings the rest"
        )


def _told(bar: Progress, task: TaskID) -> Callable[[int, int], None]:
    def told(done: int, of: int) -> None:
        bar.update(task, completed=done, total=of)

    return told


def survival_command(
    log: Annotated[Path, typer.Argument(help="a change log: .csv, .jsonl or .parquet")],
    writes_by: Annotated[
        WritesBy | None, typer.Option(help="whose writes break a plan: those of other authors, or anyone's")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="text, csv, json or markdown")] = "text",
    figure: Annotated[Path | None, typer.Option(help="draw the curves: .png, .svg or .pdf")] = None,
    skip_bad_rows: Annotated[bool, typer.Option("--skip-bad-rows", help="go on without them")] = False,
) -> None:
    """Say how old a plan for each change set could have been before somebody's write broke it."""
    check_format(form)
    if figure is not None:
        from experiments.figures.style import check_path

        check_path(figure, "--figure")
    curves = survival(opened(str(log), skip_bad_rows), writes_by)
    if form == "json":
        print_rows([curve.row() for curve in curves], form)
    else:
        print_rows([_line(curve, form) for curve in curves], form)
    if figure is not None:
        from experiments.figures.style import save
        from experiments.figures.survival import survival_figure

        note = f"{log.name}: {sum(c.sets for c in curves)} change sets; Kaplan–Meier with Greenwood's 95 %"
        save(survival_figure(curves, "How long would a plan have stayed valid?", note), figure, "--figure")


def _line(curve: Curve, form: str) -> dict[str, object]:
    line: dict[str, object] = {"fluents": curve.fluents, "sets": curve.sets, "censored": curve.censored}
    if form == "csv":
        line["median_s"] = curve.median
    else:
        line["median"] = "not reached" if curve.median is None else lasting(curve.median)
    for age, name in AGES.items():
        line[name] = curve.at(age)[0] if form == "csv" else f"{curve.at(age)[0]:.0%}"
    return line


def lasting(seconds: float) -> str:
    """A span of time for people."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{shown(seconds / size)} {unit}"
    return f"{shown(float(seconds))} s"
