"""Runs a sweep: conditions × seeds in batches over processes, into a folder that survives interruptions."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from plandrift.experiments.statistics.measures import is_rate, rate_columns, rate_parts
from plandrift.experiments.sweeps.backlog import Backlog
from plandrift.experiments.sweeps.batch import BatchRows, Columns, Crash, SeedRange, run_batch
from plandrift.experiments.sweeps.chunk_records import installed
from plandrift.experiments.sweeps.cluster import StoppedError, Waiter, cluster, is_of_cluster
from plandrift.experiments.sweeps.combinations import conditions_of
from plandrift.experiments.sweeps.condition import Condition
from plandrift.experiments.sweeps.engines import chosen, left_empty, make_ready
from plandrift.experiments.sweeps.manifest import manifest_of
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.spec import Spec, spec_from
from plandrift.experiments.sweeps.stopping import Sample
from plandrift.experiments.sweeps.store import ResultsWriter, open_folder
from plandrift.experiments.sweeps.wall_clock_limit import WallClockLimitError
from plandrift.experiments.sweeps.workers import InProcess, end, processes, unguarded_script
from plandrift.sim import PlandriftError

BATCH_SECONDS = 0.4
"""How long a batch should take: long compared with handing it over, short compared with Ctrl-C."""

LARGEST_BATCH = 20_000
"""The most episodes of a batch: their rows take about 15 MB."""

FIRST_BATCH = 10
"""Episodes per batch before the time per episode is known."""

BREAKS = 5
"""How often a sweep's processes may die before it gives up."""

MOST_HELD = 100_000
"""How many rows are held in memory at most before they are written, beside those of the last batch."""

GRACE = 2.0
"""The seconds that running batches get after Ctrl-C."""


@dataclass(frozen=True)
class Progress:
    """The progress of a sweep.

    Attributes:
        done: episodes that are in the folder or about to be.
        total: episodes known to be wanted; under a stopping rule it may grow.
        failed: episodes that raised an exception.
        rate: episodes per second since the start.
        waits_for: what the sweep waits for while no worker is available; else empty.
    """

    done: int
    total: int
    failed: int
    rate: float
    waits_for: str = ""


@dataclass(frozen=True)
class SweepOutcome:
    """The outcome of a sweep.

    Attributes:
        results: the sweep's folder.
        ran: episodes run this time.
        failed: episodes that raised an exception, this time or before.
        stopped: whether Ctrl-C ended it early.
        unsure: descriptions of the conditions that reached the cap before the stopping rule was met.
        seconds: how long it took.
        repaired: one line per damage found in the folder; its episodes were run again.
    """

    results: Results
    ran: int
    failed: int
    stopped: bool
    unsure: list[str]
    seconds: float
    repaired: list[str]

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the table of the results."""
        return self.results._repr_html_()


def sweep(
    spec: Spec | Mapping[str, Any],
    out: Path | str,
    *,
    workers: int = 2,
    address: str | None = None,
    steps: bool = False,
    extend: bool = False,
    retry_failed: bool = False,
    text: str = "",
    place: str = "spec",
    tell: Callable[[Progress], None] | None = None,
    conditions: Sequence[Condition] | None = None,
    engine: str = "auto",
    metrics: Sequence[str] = (),
    mixed_versions: bool = False,
) -> SweepOutcome:
    """Run the part of a sweep that is missing.

    Args:
        spec: a `Spec`, or a mapping of the same shape as its TOML file.
        out: the folder for its results; a sweep begun there is continued.
        workers: processes on this machine. A script that calls this outside ``if __name__ == "__main__":``
            cannot use any; it is warned and runs everything itself.
        address: address of a dask.distributed scheduler to use instead.
        steps: also keep one row per fired step.
        extend: allow the spec to add conditions or seeds to those that the folder was made for.
        retry_failed: rerun the episodes that raised an exception.
        text: the text that the spec was read from, kept beside the results.
        place: the name of the spec's file, for messages.
        tell: called with the progress, a few times a second.
        conditions: conditions that replace the spec's own.
        engine: the engine: ``simpy``, ``compiled``, or ``auto``, which uses the compiled one if it can run
            the conditions and the sweep is long enough to pay for its start. The rows are the same, except
            for metrics that the compiled engine leaves empty.
        metrics: metrics needed later, beside that of the stopping rule: none of them is left empty.
        mixed_versions: continue in a folder that has rows from another version of plandrift.

    Raises:
        SettingError: the spec is wrong, is not the one that the folder was made for, or another version
            made the folder.
        PlandriftError: another sweep writes to the folder, it cannot be written, the workers died, or one
            has another version.
    """
    if not isinstance(spec, Spec):
        spec = spec_from(spec)
    if conditions is None:
        conditions = conditions_of(spec, text, place)
    manifest = manifest_of(spec, conditions, steps)
    asked = [*metrics, *([spec.until.metric] if spec.until is not None else [])]
    engines = chosen(conditions, engine, manifest.most, asked)
    manifest = manifest.model_copy(update={"engines": engines, "left_empty": left_empty(engines)})
    with open_folder(Path(out), manifest, text, extend, mixed_versions) as writer:
        if retry_failed:
            writer.forget_failures()
        make_ready(engines.values())
        return _Sweep(writer, tell, engines).run(workers, address)


class _Sweep:
    """One run of the loop that hands out batches, collects their rows and writes them."""

    def __init__(
        self, writer: ResultsWriter, tell: Callable[[Progress], None] | None, engines: Mapping[str, str]
    ) -> None:
        self.writer, self.tell = writer, tell
        self.manifest = writer.manifest
        self.conditions = self.manifest.conditions
        done = writer.done()
        failures = writer.failures()
        self.failed = len(failures)
        self.before = sum(len(seeds) for seeds in done.values())
        skip = [done[one.id] for one in self.conditions]
        places = {one.id: i for i, one in enumerate(self.conditions)}
        for crash in failures:
            if crash.condition in places:
                skip[places[crash.condition]].add(crash.seed, crash.seed + 1)
        self.backlog = Backlog(
            self.conditions, self.manifest.seeds, self.manifest.until, skip, self._held(places), engines
        )
        self.ran = 0
        self.seconds_each = 0.0
        self.held: list[BatchRows] = []
        self.began = self.written = time.monotonic()
        self.interrupts = 0
        self.engines = sorted(set(engines.values()))
        self.waiter = Waiter(lambda: self.interrupts > 0, self._tell)

    def _held(self, places: Mapping[str, int]) -> list[dict[int, Sample]]:
        """Return the samples for the rule's metric from the episodes already run."""
        values: list[dict[int, Sample]] = [{} for _ in self.conditions]
        if self.manifest.until is not None:
            metric = self.manifest.until.metric
            part, whole = rate_columns(metric) if is_rate(metric) else (metric, "1")
            with self.writer.connect() as connection:
                rows = connection.execute(f"select condition, seed, {part}, {whole} from episodes").fetchall()
            for condition, seed, one, of in rows:
                values[places[condition]][seed] = (float(one), float(of))
        return values

    def run(self, workers: int, address: str | None) -> SweepOutcome:
        """Run all of it."""
        with self._interrupts():
            try:
                if self.backlog:
                    self._turn(workers, address)
            finally:
                self._write()
                self._tell()
        return SweepOutcome(
            results=Results(self.writer.folder),
            ran=self.ran,
            failed=self.failed,
            stopped=bool(self.interrupts),
            unsure=[]
            if self.backlog
            else [_named(one, self.manifest.varies) for one in self.backlog.unsure()],
            seconds=time.monotonic() - self.began,
            repaired=self.writer.repaired,
        )

    def _turn(self, workers: int, address: str | None) -> None:
        script = unguarded_script() if address is None else ""
        if script:
            print(
                f'{script}: sweep() is called outside `if __name__ == "__main__":`, so it runs in this '
                "process alone: call it under that line to use workers",
                file=sys.stderr,
            )
        for attempt in range(BREAKS + 1):
            with ExitStack() as stack:
                pool: Executor
                lacks: Callable[[], str] = str
                if address is not None:
                    try:
                        found = stack.enter_context(
                            cluster(address, self.conditions, self.engines, self.waiter)
                        )
                    except StoppedError:
                        return
                    pool, workers, lacks = found.executor, found.threads, found.lacks
                else:
                    pool = InProcess() if script else processes(workers)
                try:
                    self._spread(pool, workers, lacks)
                    return
                except WallClockLimitError as error:
                    raise WallClockLimitError(self._over_the_limit(error)) from None
                except BrokenProcessPool:
                    if attempt == BREAKS:
                        raise PlandriftError(
                            f"the workers died {BREAKS + 1} times (out of memory?): give fewer --workers; "
                            "what is written is kept, and the same command resumes from there"
                        ) from None
                except Exception as error:
                    if address is None or not is_of_cluster(error):
                        raise
                    raise PlandriftError(
                        f"--cluster {address}: lost ({type(error).__name__}): what is written is kept, "
                        "and the same command resumes from there"
                    ) from None
                finally:
                    if address is None:
                        end(pool)

    def _over_the_limit(self, error: WallClockLimitError) -> str:
        at = "" if error.number is None else _named(self.conditions[error.number], self.manifest.varies)
        return (
            f"{at}, seed {error.seed}: {error}; its rows are discarded, all others are kept, and the same "
            "command resumes from here"
        )

    def _spread(self, pool: Executor, workers: int, lacks: Callable[[], str]) -> None:
        """Keep every worker busy until nothing is left or Ctrl-C; `lacks` says what is being waited for."""
        out: dict[Future[BatchRows], list[SeedRange]] = {}
        stopped = 0.0
        try:
            while (self.backlog and not self.interrupts) or out:
                while self.backlog and not self.interrupts and len(out) < 2 * workers:
                    ranges = self.backlog.take(self._size(workers))
                    out[pool.submit(run_batch, ranges, self.manifest.steps, self.manifest.regret)] = ranges
                ready = wait(out, timeout=0.2, return_when=FIRST_COMPLETED).done
                # Finished batches are collected before a batch that raised ends the sweep.
                for future in sorted(ready, key=lambda future: future.exception() is not None):
                    done = future.result()
                    self._take(out.pop(future), done)
                if self.interrupts:
                    stopped = stopped or time.monotonic()
                    for future in [f for f in out if f.cancel()]:
                        self.backlog.give_back(out.pop(future))
                    if self.interrupts > 1 or time.monotonic() - stopped > GRACE:
                        return
                self._tell(lacks())
        finally:
            for ranges in out.values():
                self.backlog.give_back(ranges)

    def _size(self, workers: int) -> int:
        """Return the size of the next batch: about `BATCH_SECONDS` of work, less near the end."""
        wanted = int(BATCH_SECONDS / self.seconds_each) if self.seconds_each else FIRST_BATCH
        return max(1, min(wanted, LARGEST_BATCH, -(-self.backlog.left // (2 * workers))))

    def _take(self, ranges: list[SeedRange], done: BatchRows) -> None:
        here = installed("plandrift")
        if done.origin is None or done.origin.plandrift != here:
            other = "another plandrift" if done.origin is None else f"plandrift {done.origin.plandrift}"
            where = "a worker" if done.origin is None else done.origin.where
            raise PlandriftError(
                f"{where} has {other}, and this is {here}: install {here} there; its rows are "
                "discarded, and the same command resumes from here"
            )
        count = sum(some.count for some in ranges)
        self.ran += count - len(done.crashes)
        self.failed += len(done.crashes)
        each = done.seconds / count
        self.seconds_each = each if not self.seconds_each else 0.7 * self.seconds_each + 0.3 * each
        values: dict[tuple[int, int], Sample] = {}
        if self.manifest.until is not None:
            metric, rows = self.manifest.until.metric, done.episodes
            pair = rate_parts(metric, rows) if is_rate(metric) else (rows[metric], np.ones(len(rows["seed"])))
            columns = [some.tolist() for some in (rows["number"], rows["seed"], *pair)]
            values = {
                (number, seed): (float(one), float(of))
                for number, seed, one, of in zip(*columns, strict=True)
            }
        self.backlog.finish(ranges, values)
        self.held.append(done)
        # Often at first, for people who watch; less often as the sweep gets long, because fewer files are
        # read faster.
        now = time.monotonic()
        waited = now - self.written > min(20.0, 0.5 + (now - self.began) / 20)
        if waited or sum(len(held.episodes["seed"]) for held in self.held) > MOST_HELD:
            self._write()

    def _write(self) -> None:
        held, self.held = self.held, []
        self.written = time.monotonic()
        origins = {(one.numpy, one.engine): one for done in held if (one := done.origin) is not None}
        for made, origin in origins.items():
            those = [
                done for done in held if (one := done.origin) is not None and (one.numpy, one.engine) == made
            ]
            episodes = _together([done.episodes for done in those])
            if len(episodes["number"]):
                self.writer.write(episodes, _together([done.steps for done in those]), origin)
        crashes: list[Crash] = [crash for done in held for crash in done.crashes]
        self.writer.record(crashes)
        if held:
            self.writer.say(asdict(self._progress()) | {"left": self.backlog.left})

    def _progress(self) -> Progress:
        done = self.before + self.ran
        out = self.backlog.left
        total = self.manifest.most if self.manifest.until is None else done + out + self.failed
        return Progress(done, total, self.failed, self.ran / max(time.monotonic() - self.began, 1e-9))

    def _tell(self, waits_for: str = "") -> None:
        if self.tell is not None:
            self.tell(replace(self._progress(), waits_for=waits_for))

    @contextmanager
    def _interrupts(self) -> Iterator[None]:
        """Handle Ctrl-C: the first stops the sweep after its running batches, the second at once."""

        def heard(_number: int, _frame: FrameType | None) -> None:
            self.interrupts += 1

        try:
            before = signal.signal(signal.SIGINT, heard)
        except ValueError:  # not the main thread: whoever is in charge there handles Ctrl-C
            yield
            return
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


def _together(parts: list[Columns]) -> Columns:
    filled = [part for part in parts if part]
    return {name: np.concatenate([part[name] for part in filled]) for name in filled[0]} if filled else {}


def _named(one: Condition, varies: list[str]) -> str:
    shown = ", ".join(f"{name} = {one.given[name]}" for name in varies if name in one.given)
    return f"{one.policy}, {shown}" if shown else one.policy
