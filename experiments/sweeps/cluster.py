"""The workers behind a dask scheduler, tried before a sweep begins; each wait is told, and ends at Ctrl-C."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar

from plandrift.experiments.sweeps.chunk_records import installed
from plandrift.experiments.sweeps.condition import Condition
from plandrift.experiments.sweeps.engines import missing_for
from plandrift.experiments.sweeps.names import policy_named, world_named
from plandrift.sim import PlandriftError

ANSWERS_WITHIN = 5.0
"""Seconds that a scheduler has to answer at first."""

TOLD_AFTER = 6.0
"""Seconds after which it is told what is waited for."""

ASKED_EVERY = 1.0
"""Seconds between two questions to the scheduler which workers it has."""

VERSION = "(__import__('plandrift'), __import__('importlib.metadata').metadata.version('plandrift'))[1]"
"""An expression for the version of plandrift: a process that may have none takes no function of it."""

T = TypeVar("T")


class StoppedError(Exception):
    """Ctrl-C came while something was waited for."""


@dataclass(frozen=True)
class Waiter:
    """How whoever waits is told of Ctrl-C, and tells what it waits for.

    Attributes:
        stopped: whether Ctrl-C came.
        tell: takes what is waited for; an empty text when that is over.
    """

    stopped: Callable[[], bool]
    tell: Callable[[str], None]

    def waited(self, do: Callable[[], T], what: str, limit: float = float("inf")) -> T:
        """What `do` gives, which may hang: it runs in a thread that is left alone when nobody waits any more.

        Raises:
            StoppedError: Ctrl-C came first.
            TimeoutError: it took longer than `limit` seconds.
        """
        answer: Future[T] = Future()

        def run() -> None:
            try:
                answer.set_result(do())
            except BaseException as error:
                answer.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        began, told = time.monotonic(), False
        while not wait([answer], timeout=0.1).done:
            if self.stopped():
                raise StoppedError
            if time.monotonic() - began > limit:
                raise TimeoutError(f"no answer in {limit:g} s")
            if not told and time.monotonic() - began > TOLD_AFTER:
                told = True
                self.tell(what)
        if told:
            self.tell("")
        return answer.result()


class Cluster:
    """A cluster's workers while a sweep uses them.

    Attributes:
        executor: what takes batches.
        threads: how many can be run at once.
    """

    def __init__(self, client: Any, address: str, threads: int) -> None:
        self.executor: Executor = client.get_executor(pure=False, retries=3)
        self.threads, self._address, self._client = threads, address, client
        self._workers, self._heard = threads, time.monotonic()
        self._over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._over.wait(ASKED_EVERY):
            with suppress(Exception):  # what has broken is told by the batches
                self._workers = len(self._client.nthreads())
                self._heard = time.monotonic()

    def lacks(self) -> str:
        """What a sweep waits for there; empty while somebody works."""
        if time.monotonic() - self._heard > TOLD_AFTER + ASKED_EVERY:
            return f"an answer of the scheduler at {self._address}"
        return "" if self._workers else f"workers: the scheduler at {self._address} has none left"

    def close(self) -> None:
        """Let go of it; the scheduler may be gone."""
        self._over.set()
        with suppress(OSError, TimeoutError, RuntimeError):
            self._client.close(timeout=5)


@contextmanager
def cluster(
    address: str, conditions: Sequence[Condition], engines: Sequence[str], waiter: Waiter
) -> Iterator[Cluster]:
    """The workers behind a dask scheduler, each tried: it has this plandrift, and what the conditions need.

    Raises:
        PlandriftError: dask.distributed is not installed, nothing answers, it has no workers, or one of them
            cannot run the conditions.
        StoppedError: Ctrl-C came before they answered.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise PlandriftError(
            f"--cluster {address}: dask.distributed is not installed: pip install 'plandrift[cluster]'"
        ) from None
    if not re.fullmatch(r"(tcp|tls)://[^/\s]+:\d{1,5}", address):
        raise PlandriftError(f"--cluster {address}: give tcp://HOST:PORT, or tls://HOST:PORT")
    # Whoever uses the connection reports what happens to it, in one line. Its own log would repeat that, and
    # goes on after it has been closed.
    logging.disable(logging.CRITICAL)
    try:
        secure = address.startswith("tls://")
        if secure and distributed.Security().get_connection_args("client")["ssl_context"] is None:
            raise PlandriftError(
                f"--cluster {address}: it wants a certificate: name one in dask's configuration, "
                "distributed.comm.tls.client.cert, or give tcp://HOST:PORT"
            )
        client = waiter.waited(
            lambda: distributed.Client(address, timeout=ANSWERS_WITHIN, set_as_default=False),
            f"a scheduler at {address}",
            ANSWERS_WITHIN + 0.5,
        )
    except (PlandriftError, StoppedError):
        raise
    except (OSError, ValueError, TimeoutError, RuntimeError, TypeError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise PlandriftError(
            f"--cluster {address}: no scheduler answers ({reason}): start one there"
        ) from None
    found = None
    try:
        threads = sum(waiter.waited(client.nthreads, f"the scheduler at {address}").values())
        if not threads:
            raise PlandriftError(f"--cluster {address}: the scheduler has no workers: start some")
        _try(client, address, conditions, engines, waiter)
        found = Cluster(client, address, threads)
        yield found
    finally:
        if found is not None:
            found.close()
        else:
            with suppress(OSError, TimeoutError, RuntimeError):
                client.close(timeout=1)


def is_of_cluster(error: Exception) -> bool:
    """Whether an error says that the cluster was lost, or some of its workers one after the other."""
    lost = isinstance(error, CancelledError | OSError | TimeoutError)
    return lost or type(error).__module__.partition(".")[0] == "distributed"


def _try(
    client: Any, address: str, conditions: Sequence[Condition], engines: Sequence[str], waiter: Waiter
) -> None:
    """Refuse a worker that cannot run the conditions.

    Raises:
        PlandriftError: there is one; the line names it, and what it lacks.
    """
    here, what = installed("plandrift"), f"the workers of {address} to answer"
    versions = waiter.waited(lambda: client.run(eval, VERSION, on_error="return"), what)
    # The scheduler reads what it hands on.
    versions[f"{address} (the scheduler)"] = waiter.waited(lambda: _of_scheduler(client), what)
    for worker, version in versions.items():
        if version != here:
            has = f"has plandrift {version}" if isinstance(version, str) else f"has no plandrift ({version})"
            raise PlandriftError(
                f"--cluster {address}: {worker} {has}, and this is {here}: install {here} there"
            )
    worlds = sorted({one.world for one in conditions if ":" in one.world})
    policies = sorted({one.policy for one in conditions if ":" in one.policy})
    said = waiter.waited(lambda: client.run(lacking, worlds, policies, engines, on_error="return"), what)
    for worker, lack in said.items():
        if lack:
            raise PlandriftError(f"--cluster {address}: worker {worker}: {lack}")


def _of_scheduler(client: Any) -> object:
    try:
        return client.run_on_scheduler(eval, VERSION)
    except Exception as error:
        return error


def lacking(worlds: Sequence[str], policies: Sequence[str], engines: Sequence[str]) -> str:
    """What this process lacks to run these worlds and policies of one's own by these engines, in a line."""
    try:
        for world in worlds:
            world_named(world)
        for policy in policies:
            policy_named(policy)
    except PlandriftError as error:
        return f"{error}: put its module where the workers are started, or on their PYTHONPATH"
    return missing_for(engines)
