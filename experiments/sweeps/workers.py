"""The processes of this machine that run batches; for those of a cluster see `cluster`."""

from __future__ import annotations

import ast
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing import connection, parent_process
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from typing import Any, TypeVar


class _Deaf(SpawnProcess):
    """A process that Ctrl-C does not reach, from its first instruction on.

    The terminal sends Ctrl-C to every process of the group, but only the parent decides what it means. A
    worker that is still importing could only answer with a traceback.
    """

    def start(self) -> None:
        if not hasattr(signal, "pthread_sigmask"):
            return super().start()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            super().start()  # a process inherits the signals that its parent's thread blocks
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _DeafContext(SpawnContext):
    Process = _Deaf


def processes(workers: int) -> ProcessPoolExecutor:
    """Return a pool of processes started by `spawn`, which every system supports."""
    return ProcessPoolExecutor(workers, mp_context=_DeafContext(), initializer=_begin)


def _begin() -> None:
    # Where signals cannot be blocked (Windows), ignore them at least from here on.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """End this process when its parent is gone, so that a killed parent leaves no waiting orphans."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


T = TypeVar("T")


class InProcess(Executor):
    """An executor that runs its tasks immediately, in this process."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run a task and return a completed future."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def unguarded_script() -> str:
    """Return ``file:line`` of a script that starts processes outside its main guard; else an empty text.

    The guard is ``if __name__ == "__main__":``. A process first imports the script, so without the guard it
    would start processes itself.
    """
    main = sys.modules["__main__"]
    path = getattr(main, "__file__", None)
    # What `python -m` runs is a module; a package's `__main__` is not imported by its processes.
    if path is None or str(getattr(getattr(main, "__spec__", None), "name", "")).endswith("__main__"):
        return ""
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
    if frame.f_code.co_name != "<module>" or frame.f_globals is not vars(main):
        return ""
    try:
        body = ast.parse(Path(path).read_bytes()).body
    except OSError:
        body = []  # a script from standard input, which no process can import
    at = next((one for one in body if one.lineno <= frame.f_lineno <= (one.end_lineno or 0)), None)
    if isinstance(at, ast.If) and "__name__" in ast.unparse(at.test):
        return ""
    return f"{path}:{frame.f_lineno}"


def end(pool: Executor) -> None:
    """Stop the processes of a pool at once, whatever they are doing."""
    held: dict[int, Any] = getattr(pool, "_processes", None) or {}
    for process in list(held.values()):
        process.terminate()
    pool.shutdown(wait=False, cancel_futures=True)
