"""`plandrift reproduce`: the project's results as a book."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.cli.progress import Display
from plandrift.sim import PlandriftError


def reproduce(
    name: Annotated[
        str, typer.Argument(help="all, or a single question: a suite's name, theory or history")
    ] = "all",
    out: Annotated[Path, typer.Option(help="folder for the book")] = Path("book"),
    quick: Annotated[bool, typer.Option("--quick", help="use few seeds: minutes instead of an hour")] = False,
    workers: Annotated[int, typer.Option(help="processes", min=1, max=512)] = 2,
    repository: Annotated[Path, typer.Option(help="a git repository whose history to analyse")] = Path(),
) -> None:
    """Run every question of the book: figures, claims, verdicts.

    If it was stopped, the same command resumes it.

    Example:
      plandrift reproduce latency --quick
    """
    from plandrift.experiments.book.reproduce import chosen
    from plandrift.experiments.book.reproduce import reproduce as run

    names = chosen(name)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlandriftError(f"--out {out}: {error.strerror}: give a folder that can be created") from None
    began = time.perf_counter()
    with ExitStack() as shown:

        def tell(asked: str) -> Display:
            shown.close()  # the display of the previous question
            return shown.enter_context(Display(asked))

        chapters = run(names, out, quick=quick, workers=workers, repository=repository, tell=tell)
    for chapter in chapters:
        print(chapter.title)
        for finding in chapter.findings:
            print(f"  {finding.verdict:<22} {finding.says}")
        if not chapter.findings:
            print(f"  {chapter.about}")
    print(f"\nbook: {out / 'index.html'}, in {time.perf_counter() - began:.0f} s")
    if len(chapters) < len(names):
        print("stopped: the same command resumes from here")
        raise typer.Exit(130)
