"""`plandrift sweep` and `plandrift status`: run a sweep, and see how far it is."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from filelock import FileLock, Timeout
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from experiments.conditions import points_of
from experiments.results import Results
from experiments.spec import Spec, read_spec
from experiments.sweep import Outcome, Progress
from experiments.sweep import sweep as run_sweep
from experiments.trial import trial
from sim import PlandriftError

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="the folder of a sweep")]


def sweep(
    spec: Annotated[Path, typer.Argument(metavar="SPEC.toml", help="what to sweep")],
    out: Annotated[Path | None, typer.Option(help="the folder of the results")] = None,
    workers: Annotated[int, typer.Option(help="processes", min=1, max=512)] = 2,
    address: Annotated[
        str | None, typer.Option("--cluster", help="a dask scheduler, tcp://HOST:PORT")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(help="episodes of each condition, in place of the spec's", min=1)
    ] = None,
    steps: Annotated[bool, typer.Option("--steps", help="keep a row a fired step as well")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what it would take, run nothing")] = False,
    extend: Annotated[bool, typer.Option("--extend", help="add conditions or seeds to the folder")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="run failed episodes again")] = False,
) -> None:
    """Run what is missing of a sweep; the same command goes on where it was stopped."""
    read, text = read_spec(spec)
    if seeds is not None:
        read = read.model_copy(update={"seeds": seeds, "until": None})
    if dry_run:
        _foretell(read, text, str(spec), workers, steps)
        return
    if out is None:
        raise PlandriftError("--out: give a folder for the results")
    with Display(read.title or spec.stem) as display:
        outcome = run_sweep(
            read, out, workers=workers, address=address, steps=steps, extend=extend,
            retry_failed=retry_failed, text=text, place=str(spec), tell=display,
        )  # fmt: skip
    report(outcome, out)


def report(outcome: Outcome, out: Path) -> None:
    """Say what came of a sweep, and leave with 130 if it was stopped, 1 if episodes failed."""
    rate = f", {outcome.ran / outcome.seconds:.0f} a second" if outcome.ran else ""
    print(f"{outcome.ran} episodes run in {outcome.seconds:.1f} s{rate}; results in {out}", file=sys.stderr)
    for name in outcome.unsure:
        print(f"not as sure as asked at the cap: {name}", file=sys.stderr)
    if outcome.failed:
        first = outcome.results.failures()[0]
        print(
            f"{outcome.failed} episodes failed, the first with seed {first.seed} of "
            f"condition {first.condition}: "
            f"{first.error} (tracebacks in {out / 'failures.jsonl'}; --retry-failed runs them again)",
            file=sys.stderr,
        )
    if outcome.stopped:
        print("stopped: the same command goes on from here", file=sys.stderr)
        raise typer.Exit(130)
    if outcome.failed:
        raise typer.Exit(1)


def status(folder: Folder) -> None:
    """Say how far a sweep is: done, left, failed, rate; works while it runs."""
    results = Results(folder)
    manifest, said = results.manifest, results.progress()
    done = sum(len(seeds) for seeds in results.done().values())
    failed = len(results.failures())
    most = manifest.most
    running = _running(folder)
    rule = f"until {manifest.until.metric} ± {manifest.until.half_width:g}, " if manifest.until else ""
    left = max(0, most - done - failed)
    if manifest.until is not None and said and not running and not said.get("left", 1):
        left = 0
    print(f"{manifest.title or folder}")
    print(f"  {len(manifest.conditions)} conditions, {rule}{'at most ' if rule else ''}{most} episodes")
    print(f"  done {done}  left {'at most ' if rule and left else ''}{left}  failed {failed}")
    print(
        f"  {'running' if running else 'not running'}"
        + (f", {said['rate']:.0f} episodes a second" if said else "")
    )


def _running(folder: Path) -> bool:
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return True
    lock.release()
    return False


def _foretell(spec: Spec, text: str, place: str, workers: int, steps: bool) -> None:
    points = points_of(spec, text, place)
    each = spec.seeds if spec.seeds is not None else spec.until.at_most if spec.until else 0
    most = "at most " if spec.until is not None else ""
    tried = trial(points, steps, spec.regret)
    seconds = tried.seconds * each * len(points) / workers
    print(f"{len(points)} conditions × {most}{each} seeds = {most}{each * len(points)} episodes")
    print(
        f"{most}about {duration(seconds)} on {workers} workers "
        f"({1000 * tried.seconds:.2f} ms an episode over {tried.episodes} tried)"
    )
    print(
        f"{most}about {size(tried.bytes * each * len(points))} on disk ({tried.bytes:.0f} bytes an episode)"
    )
    if tried.failed:
        print(f"{tried.failed} of the {tried.episodes} tried failed")


def duration(seconds: float) -> str:
    """A length of time for people."""
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def size(count: float) -> str:
    """A number of bytes for people."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


class Display:
    """The progress of a sweep on standard error: a bar on a terminal, plain lines elsewhere."""

    def __init__(self, title: str) -> None:
        self._title = title
        console = Console(stderr=True)
        self._bar: Bar | None = None
        if console.is_terminal:
            self._bar = Bar(
                TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
                TextColumn("{task.fields[rate]} episodes/s"), TimeRemainingColumn(), console=console,
            )  # fmt: skip
            self._task = self._bar.add_task(title, total=None, rate="–")
        self._said = time.monotonic()

    def __enter__(self) -> Display:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, progress: Progress) -> None:
        """Show it."""
        if self._bar is not None:
            self._bar.update(
                self._task, completed=progress.done, total=progress.total, rate=f"{progress.rate:.0f}"
            )
        elif time.monotonic() - self._said > 10:
            self._said = time.monotonic()
            left = (progress.total - progress.done) / progress.rate if progress.rate else 0.0
            print(
                f"{self._title}: {progress.done} of {progress.total} episodes, {progress.rate:.0f} a second, "
                f"{duration(left)} left, {progress.failed} failed",
                file=sys.stderr,
                flush=True,
            )
