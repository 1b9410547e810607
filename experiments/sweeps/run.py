"""Running a sweep: conditions × seeds in batches over processes, into a folder that survives anything."""

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
"""How long a batch should take: long against handing it over, short against Ctrl-C."""

FIRST_BATCH = 10
"""Episodes in a batch before it is known how long one takes."""

BREAKS = 5
"""How often the processes may die under a sweep before it gives up."""

GRACE = 2.0
"""Seconds that running batches get after Ctrl-C."""


@dataclass(frozen=True)
class Progress:
    """How far a sweep is.

    Attributes:
        done: episodes in the folder or about to be.
        total: episodes known to be wanted; under a rule it may grow.
        failed: episodes that raised.
        rate: episodes a second since it began.
        waits_for: what the sweep waits for while nobody works; empty else.
    """

    done: int
    total: int
    failed: int
    rate: float
    waits_for: str = ""


@dataclass(frozen=True)
class SweepOutcome:
    """What came of a sweep.

    Attributes:
        results: its folder.
        ran: episodes run now.
        failed: episodes that raised, now or before.
        stopped: whether Ctrl-C ended it early.
        unsure: the conditions under a rule that came to their cap first, in words.
        seconds: how long it took.
        repaired: what was damaged in the folder, a line each; its episodes were run again.
    """

    results: Results
    ran: int
    failed: int
    stopped: bool
    unsure: list[str]
    seconds: float
    repaired: list[str]

    def _repr_html_(self) -> str:
        """What a notebook shows: the table of its results."""
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
    """Run what is missing of a sweep.

    Args:
        spec: a `Spec`, or a mapping of the same shape as its TOML file.
        out: the folder of its results; a sweep that was begun there goes on.
        workers: processes of this machine; a script that calls this outside
            ``if __name__ == "__main__":`` cannot have any, is told so, and runs it all itself.
        address: of a dask.distributed scheduler to use instead.
        steps: keep a row a fired step as well.
        extend: allow the spec to add conditions or seeds to what the folder was made for.
        retry_failed: run again the episodes that raised.
        text: what the spec was read from, to be kept beside the results.
        place: the name of its file, for messages.
        tell: called with the progress, a few times a second.
        conditions: where they are others than the spec's own.
        engine: what runs the episodes: ``simpy``, ``compiled``, or ``auto``: the compiled one where it can
            and the sweep is long enough to pay for its start. The rows are the same, but for metrics that the
            compiled one leaves empty.
        metrics: those that will be asked of it, beside that of the rule: none of them is left empty.
        mixed_versions: go on in a folder that has rows of another version of plandrift.

    Raises:
        SettingError: the spec is wrong, or is not the one that the folder was made for, or another version
            made the folder.
        PlandriftError: another sweep writes there, the folder cannot be written, or the workers died, or one
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
    """One run of the loop: hand batches out, take their rows in, write them."""

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
        """What the episodes that are there came to by the rule's metric."""
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
        """The whole of it."""
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
                f'{script}: sweep() stands outside `if __name__ == "__main__":`, so it runs in this process '
                "alone: put it under that line to have its workers",
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
                            "what is written stays, and the same command goes on from there"
                        ) from None
                except Exception as error:
                    if address is None or not is_of_cluster(error):
                        raise
                    raise PlandriftError(
                        f"--cluster {address}: lost ({type(error).__name__}): what is written stays, and the "
                        "same command goes on from there"
                    ) from None
                finally:
                    if address is None:
                        end(pool)

    def _over_the_limit(self, error: WallClockLimitError) -> str:
        at = "" if error.number is None else _named(self.conditions[error.number], self.manifest.varies)
        return (
            f"{at}, seed {error.seed}: {error}; nothing is kept of it, the other rows are, and the same "
            "command goes on from here"
        )

    def _spread(self, pool: Executor, workers: int, lacks: Callable[[], str]) -> None:
        """Keep every worker busy until nothing is left, or Ctrl-C; `lacks` says what is waited for."""
        out: dict[Future[BatchRows], list[SeedRange]] = {}
        stopped = 0.0
        try:
            while (self.backlog and not self.interrupts) or out:
                while self.backlog and not self.interrupts and len(out) < 2 * workers:
                    ranges = self.backlog.take(self._size(workers))
                    out[pool.submit(run_batch, ranges, self.manifest.steps, self.manifest.regret)] = ranges
                ready = wait(out, timeout=0.2, return_when=FIRST_COMPLETED).done
                # Finished batches are taken in before a batch that raised ends the sweep.
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
        """Episodes in the next batch: about `BATCH_SECONDS` of work, less near the end."""
        wanted = int(BATCH_SECONDS / self.seconds_each) if self.seconds_each else FIRST_BATCH
        return max(1, min(wanted, -(-self.backlog.left // (2 * workers))))

    def _take(self, ranges: list[SeedRange], done: BatchRows) -> None:
        here = installed("plandrift")
        if done.origin is None or done.origin.plandrift != here:
            other = "another plandrift" if done.origin is None else f"plandrift {done.origin.plandrift}"
            where = "a worker" if done.origin is None else done.origin.where
            raise PlandriftError(
                f"{where} has {other}, and this is {here}: install {here} there; nothing is kept of "
                "its rows, and the same command goes on from here"
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
        # Often at first, for who watches; less as the sweep gets long, for few files are read faster.
        now = time.monotonic()
        if now - self.written > min(20.0, 0.5 + (now - self.began) / 20):
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
        """The first Ctrl-C stops the sweep when its running batches are in, the second at once."""

        def heard(_number: int, _frame: FrameType | None) -> None:
            self.interrupts += 1

        try:
            before = signal.signal(signal.SIGINT, heard)
        except ValueError:  # not the main thread: whoever is in charge there hears Ctrl-C
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
