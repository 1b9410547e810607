"""Who runs the batches: processes of this machine. For a cluster's see `cluster`."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import connection, parent_process
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any


class _Deaf(SpawnProcess):
    """A process that Ctrl-C does not reach, from its first instruction on.

    The terminal sends it to every process of the group, the parent alone decides what it means, and a
    worker that is still importing could not answer it but with a traceback.
    """

    def start(self) -> None:
        if not hasattr(signal, "pthread_sigmask"):
            return super().start()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            super().start()  # what a thread blocks, the process that it starts has blocked
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _DeafContext(SpawnContext):
    Process = _Deaf


def processes(workers: int) -> ProcessPoolExecutor:
    """Processes started by `spawn`, which every system has."""
    return ProcessPoolExecutor(workers, mp_context=_DeafContext(), initializer=_begin)


def _begin() -> None:
    # Where signals cannot be blocked (Windows), at least from here on.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """End this process when its parent is gone: a killed parent leaves no orphans waiting for ever."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def end(pool: Executor) -> None:
    """Stop the processes of a pool at once, whatever they do."""
    held: dict[int, Any] = getattr(pool, "_processes", None) or {}
    for process in list(held.values()):
        process.terminate()
    pool.shutdown(wait=False, cancel_futures=True)
