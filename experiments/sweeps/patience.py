"""How long an episode may take by the clock on the wall: one that never ends holds nothing up."""

from __future__ import annotations

import ctypes
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from experiments.sweeps.values import positive
from sim import PlandriftError
from sim.own_code import running

VARIABLE = "PLANDRIFT_PATIENCE"
"""Where the limit stands, so that every process that runs episodes has it."""

SECONDS = 60.0
"""The limit where none is given."""

AGAIN = 1.0
"""Seconds after which it is tried again, where somebody's code has caught it."""


class PatienceError(PlandriftError):
    """An episode took longer than it may; the line names the user's function that was running."""


class _OverError(BaseException):
    # No `except Exception` of a user's own holds it up.
    pass


def set_patience(seconds: float | None) -> None:
    """Let an episode take so many seconds, in this process and those that it starts; None changes nothing.

    Raises:
        SettingError: it is no finite number above 0.
    """
    if seconds is not None:
        os.environ[VARIABLE] = str(positive(seconds, "--patience"))


def patience_seconds() -> float:
    """Seconds that an episode may take.

    Raises:
        SettingError: what stands in the environment is no finite number above 0.
    """
    return positive(os.environ.get(VARIABLE, SECONDS), VARIABLE)


@contextmanager
def patience() -> Iterator[None]:
    """End what runs in here when it takes too long.

    Raises:
        PatienceError: it did.
    """
    limit = patience_seconds()
    where: list[str] = []
    main = threading.current_thread() is threading.main_thread()
    begin = _by_signal if main and hasattr(signal, "setitimer") else _by_thread
    try:
        with begin(limit, where):
            yield
    except _OverError:
        doing = where[0] if where else "the engine was running"
        raise PatienceError(
            f"an episode took longer than {limit:g} s: {doing}: mend it there, ask for less, or "
            "give a longer --patience"
        ) from None


@contextmanager
def _by_signal(limit: float, where: list[str]) -> Iterator[None]:
    def over(_number: int, frame: FrameType | None) -> None:
        _note(frame, where)
        raise _OverError

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, limit, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _by_thread(limit: float, where: list[str]) -> Iterator[None]:
    """Where there are no signals: from a second thread, which reaches Python's own code alone."""
    import sys

    this, done, lock = threading.get_ident(), threading.Event(), threading.Lock()

    def watch() -> None:
        wait = limit
        while not done.wait(wait):
            with lock:
                if not done.is_set():
                    _note(sys._current_frames().get(this), where)
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(
                        ctypes.c_ulong(this), ctypes.py_object(_OverError)
                    )
            wait = AGAIN

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        with lock:
            done.set()


def _note(frame: FrameType | None, where: list[str]) -> None:
    found = running(frame)
    if found is not None and not where:
        name, file, line = found
        where.append(f"{name} was running ({file}:{line})")
