"""`plandrift reproduce`: the project's results as a book."""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack
from pathlib import Path
from textwrap import fill
from typing import Annotated

import typer

from plandrift.experiments.cli.progress import Display
from plandrift.sim import PlandriftError

WIDEST = 110
"""Characters per line, however wide the terminal is."""


def reproduce(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="questions: suites, theory or history; all if not given"),
    ] = None,
    out: Annotated[Path, typer.Option(help="folder for the book")] = Path("book"),
    quick: Annotated[bool, typer.Option("--quick", help="use few seeds: minutes instead of an hour")] = False,
    workers: Annotated[int, typer.Option(help="processes", min=1, max=512)] = 2,
    repository: Annotated[Path, typer.Option(help="a git repository whose history to analyse")] = Path(),
) -> None:
    """Run the experiments of the documentation: figures and verdicts.

    If it was stopped, the same command resumes it.

    Example:
      plandrift reproduce step-within-plan --quick
    """
    from plandrift.experiments.book.reproduce import chosen
    from plandrift.experiments.book.reproduce import reproduce as run

    asked = chosen(names or ["all"])
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlandriftError(f"--out {out}: {error.strerror}: give a folder that can be created") from None
    began = time.perf_counter()
    with ExitStack() as shown:

        def tell(question: str) -> Display:
            shown.close()  # that of the question before
            return shown.enter_context(Display(question))

        chapters = run(asked, out, quick=quick, workers=workers, repository=repository, tell=tell)
    width = min(shutil.get_terminal_size().columns, WIDEST)
    for chapter in chapters:
        print(chapter.title)
        for finding in chapter.findings:
            print(
                fill(
                    finding.says,
                    width,
                    initial_indent=f"  {finding.verdict:<22} ",
                    subsequent_indent=" " * 25,
                )
            )
        if not chapter.findings:
            print(f"  {chapter.about}")
    print(f"\nbook: {out / 'index.html'}, in {time.perf_counter() - began:.0f} s")
    if len(chapters) < len(asked):
        print("stopped: the same command resumes from here")
        raise typer.Exit(130)
