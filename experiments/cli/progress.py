"""A sweep's progress on standard error, and times and sizes formatted for people."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import typer
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from plandrift.experiments.cli.printing import SafeConsole
from plandrift.experiments.sweeps.run import Progress, SweepOutcome


def duration(seconds: float) -> str:
    """Format a length of time for people."""
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def size(count: float) -> str:
    """Format a number of bytes for people."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def pace(rate: float) -> str:
    """Format a rate for people: episodes per second, or time per episode where the rate is low."""
    if rate <= 0:
        return "rate not known yet"
    return f"{rate:.0f} per second" if rate >= 2 else f"{duration(1 / rate)} per episode"


class Display:
    """The progress of a sweep on standard error: a bar on a terminal, plain lines elsewhere."""

    def __init__(self, title: str) -> None:
        self._title = title
        console = SafeConsole(stderr=True)
        self._bar: Bar | None = None
        if console.is_terminal:
            self._bar = Bar(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[pace]}"),
                TimeRemainingColumn(),
                console=console,
            )
            self._task = self._bar.add_task(title, total=None, pace="")
        self._said = time.monotonic()
        self._waits_for = ""

    def __enter__(self) -> Display:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, progress: Progress) -> None:
        """Show the progress. A total of 0 means that the total is unknown; a total that has been passed was
        too low.

        What the sweep waits for is printed once, on a line of its own.
        """
        if progress.waits_for != self._waits_for:
            self._waits_for = progress.waits_for
            said = f"waiting for {progress.waits_for}; Ctrl-C stops" if progress.waits_for else "continuing"
            print(f"{self._title}: {said}", file=sys.stderr, flush=True)
        total = max(progress.total, progress.done) if progress.total else None
        if self._bar is not None:
            self._bar.update(self._task, completed=progress.done, total=total, pace=pace(progress.rate))
        elif not progress.waits_for and time.monotonic() - self._said > 10:
            self._said = time.monotonic()
            parts = [f"{progress.done}{f' of {total}' if total else ''} episodes", pace(progress.rate)]
            if total and progress.rate:
                parts.append(f"{duration((total - progress.done) / progress.rate)} left")
            if progress.failed:
                parts.append(f"{progress.failed} failed")
            print(f"{self._title}: {', '.join(parts)}", file=sys.stderr, flush=True)


class EpisodeCount:
    """An episode counter on standard error, for runs whose total is unknown, or known to be at most this."""

    def __init__(self, title: str, most: int = 0) -> None:
        self._display, self._most = Display(f"{title}, at most" if most else title), most
        # What precedes the first episodes, such as compiling, does not count towards their rate.
        self._first: tuple[int, float] | None = None

    def __enter__(self) -> EpisodeCount:
        self._display.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._display.__exit__()

    def __call__(self, ran: int) -> None:
        """Show the count."""
        now = time.monotonic()
        self._first = self._first or (ran, now)
        before, began = self._first
        self._display(Progress(ran, self._most, 0, (ran - before) / max(now - began, 1e-9)))


def print_outcome(outcome: SweepOutcome, out: Path) -> None:
    """Report how a sweep ended; exit with 130 if it was stopped, 1 if episodes failed."""
    for line in outcome.repaired:
        print(f"mended: {line}", file=sys.stderr)
    rate = f", {outcome.ran / outcome.seconds:.0f} per second" if outcome.ran else ""
    print(f"{outcome.ran} episodes run in {outcome.seconds:.1f} s{rate}; results in {out}", file=sys.stderr)
    for name in outcome.unsure:
        print(f"required precision not reached with the most seeds allowed: {name}", file=sys.stderr)
    if outcome.failed:
        first = outcome.results.failures()[0]
        print(
            f"{outcome.failed} episodes failed, the first with seed {first.seed} of "
            f"condition {first.condition}: "
            f"{first.error} (tracebacks in {out / 'failures.jsonl'}; --retry-failed runs them again)",
            file=sys.stderr,
        )
    if outcome.stopped:
        print("stopped: the same command resumes from here", file=sys.stderr)
        raise typer.Exit(130)
    if outcome.failed:
        raise typer.Exit(1)
