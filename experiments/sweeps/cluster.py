"""The workers behind a dask scheduler, tested before a sweep begins; Ctrl-C ends any wait for them."""

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
"""The seconds that a scheduler has for its first answer."""

TOLD_AFTER = 6.0
"""The seconds after which a wait is reported."""

ASKED_EVERY = 1.0
"""The seconds between two requests to the scheduler for its list of workers."""

VERSION = "(__import__('plandrift'), __import__('importlib.metadata').metadata.version('plandrift'))[1]"
"""An expression for plandrift's version, because a process without plandrift could not load a function."""

T = TypeVar("T")


class StoppedError(Exception):
    """Ctrl-C was pressed during a wait."""


@dataclass(frozen=True)
class Waiter:
    """Waits that can be interrupted by Ctrl-C and report what they wait for.

    Attributes:
        stopped: whether Ctrl-C was pressed.
        tell: called with what is being waited for, and with an empty text when the wait is over.
    """

    stopped: Callable[[], bool]
    tell: Callable[[str], None]

    def waited(self, do: Callable[[], T], what: str, limit: float = float("inf")) -> T:
        """Return the result of `do`, which may hang: its thread is abandoned if nobody waits any more.

        Raises:
            StoppedError: Ctrl-C was pressed first.
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
    """A cluster's workers, for as long as a sweep uses them.

    Attributes:
        executor: the executor that takes batches.
        threads: how many batches can run at once.
    """

    def __init__(self, client: Any, address: str, threads: int) -> None:
        self.executor: Executor = client.get_executor(pure=False, retries=3)
        self.threads, self._address, self._client = threads, address, client
        self._workers, self._heard = threads, time.monotonic()
        self._over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._over.wait(ASKED_EVERY):
            with suppress(Exception):  # the batches themselves report what failed
                self._workers = len(self._client.nthreads())
                self._heard = time.monotonic()

    def lacks(self) -> str:
        """Return what a sweep is waiting for; empty while there is a worker."""
        if time.monotonic() - self._heard > TOLD_AFTER + ASKED_EVERY:
            return f"an answer from the scheduler at {self._address}"
        return "" if self._workers else f"workers: the scheduler at {self._address} has none left"

    def close(self) -> None:
        """Disconnect; the scheduler may be gone already."""
        self._over.set()
        with suppress(OSError, TimeoutError, RuntimeError):
            self._client.close(timeout=5)


@contextmanager
def cluster(
    address: str, conditions: Sequence[Condition], engines: Sequence[str], waiter: Waiter
) -> Iterator[Cluster]:
    """Connect to the workers behind a dask scheduler, and check that each can run the conditions.

    Raises:
        PlandriftError: dask.distributed is not installed, nothing answers, there are no workers, or a
            worker cannot run the conditions.
        StoppedError: Ctrl-C was pressed before they answered.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise PlandriftError(
            f"--cluster {address}: dask.distributed is not installed: pip install 'plandrift[cluster]'"
        ) from None
    if not re.fullmatch(r"(tcp|tls)://[^/\s]+:\d{1,5}", address):
        raise PlandriftError(f"--cluster {address}: give tcp://HOST:PORT, or tls://HOST:PORT")
    # The user of the connection reports what happens to it, in one line. Dask's own log would repeat that,
    # and continues after the connection has been closed.
    logging.disable(logging.CRITICAL)
    try:
        secure = address.startswith("tls://")
        if secure and distributed.Security().get_connection_args("client")["ssl_context"] is None:
            raise PlandriftError(
                f"--cluster {address}: it requires a certificate: name one in dask's configuration, "
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
    """Say whether an error means that the cluster, or its workers one after the other, were lost."""
    lost = isinstance(error, CancelledError | OSError | TimeoutError)
    return lost or type(error).__module__.partition(".")[0] == "distributed"


def _try(
    client: Any, address: str, conditions: Sequence[Condition], engines: Sequence[str], waiter: Waiter
) -> None:
    """Check that every worker can run the conditions.

    Raises:
        PlandriftError: a worker cannot; the message names it and what it lacks.
    """
    here, what = installed("plandrift"), f"the workers of {address} to answer"
    versions = waiter.waited(lambda: client.run(eval, VERSION, on_error="return"), what)
    # The scheduler deserializes what it passes on, so it needs the same version.
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
    """Describe what this process lacks to run these worlds and policies with these engines."""
    try:
        for world in worlds:
            world_named(world)
        for policy in policies:
            policy_named(policy)
    except PlandriftError as error:
        return f"{error}: put its module where the workers are started, or on their PYTHONPATH"
    return missing_for(engines)
