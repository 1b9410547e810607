"""The limit on an episode's real time: an episode that never ends is stopped."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from plandrift.experiments.sweeps.values import positive
from plandrift.sim import PlandriftError
from plandrift.sim.usercode.own_code import running

VARIABLE = "PLANDRIFT_PATIENCE"
"""The environment variable that holds the limit, so that every process that runs episodes has it."""

SECONDS = 60.0
"""The default limit."""

LOOK = 0.05
"""Seconds between two checks by the watcher thread."""

AGAIN = 1.0
"""Seconds until the next attempt if somebody's code has caught the exception."""


class WallClockLimitError(PlandriftError):
    """An episode took longer than the limit; the message names the user's function that was running.

    This is not a result, because results never depend on the wall clock. It stops the sweep, which keeps
    nothing of the episode.

    Attributes:
        number: the condition's place in the sweep that ran it; None outside a sweep.
        seed: the episode's seed; None outside a sweep.
    """

    number: int | None = None
    seed: int | None = None


class _OverError(BaseException):
    # Derived from BaseException, so that no `except Exception` in a user's code catches it.
    pass


def set_wall_clock_limit(seconds: float | None) -> None:
    """Set the limit in seconds for this process and those that it starts; None changes nothing.

    Raises:
        SettingError: the limit is not a finite number above 0.
    """
    if seconds is not None:
        os.environ[VARIABLE] = str(positive(seconds, "--patience"))


def wall_clock_limit_seconds() -> float:
    """Return the limit on an episode's real time, in seconds.

    Raises:
        SettingError: the environment variable is not a finite number above 0.
    """
    return positive(os.environ.get(VARIABLE, SECONDS), VARIABLE)


@contextmanager
def wall_clock_limit() -> Iterator[None]:
    """Stop the body of the ``with`` statement when it takes longer than the limit.

    Raises:
        WallClockLimitError: it took longer.
    """
    limit = wall_clock_limit_seconds()
    where: list[str] = []
    main = threading.current_thread() is threading.main_thread()
    begin = _by_signal if main and hasattr(signal, "setitimer") else _by_thread
    try:
        with begin(limit, where):
            yield
    except (_OverError, Exception):
        if not where:
            raise
    # Raised even if somebody's code caught the exception and continued: the clock affected the outcome.
    if where:
        raise WallClockLimitError(
            f"an episode took longer than {limit:g} s: {where[0]}: fix it there, run something smaller, or "
            "give a longer --patience"
        )


@contextmanager
def _by_signal(limit: float, where: list[str]) -> Iterator[None]:
    def over(_number: int, frame: FrameType | None) -> None:
        _note(frame, where)
        raise _OverError

    before, hook = signal.signal(signal.SIGALRM, over), sys.unraisablehook
    sys.unraisablehook = _unheard(hook)
    signal.setitimer(signal.ITIMER_REAL, limit, AGAIN)
    try:
        yield
    finally:
        # One more alarm may come just now: the timer must be switched off even so, or alarms would go on
        # forever. Ignoring them drops one that another thread has yet to take, which would end the process.
        while True:
            try:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, signal.SIG_IGN)
                break
            except _OverError:
                pass
        signal.signal(signal.SIGALRM, before)
        sys.unraisablehook = hook


class _Watcher(threading.Thread):
    """The thread that watches all others where there are no signals; it can only stop Python code."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.lock = threading.Lock()
        self.ends: dict[int, float] = {}
        self.where: dict[int, list[str]] = {}

    def run(self) -> None:
        while True:
            time.sleep(LOOK)
            with self.lock:
                now = time.monotonic()
                for thread, end in list(self.ends.items()):
                    if now > end:
                        self.ends[thread] = now + AGAIN
                        _note(sys._current_frames().get(thread), self.where[thread])
                        _raise_in(thread, _OverError)


_WATCHERS: list[_Watcher] = []
"""This process's watcher, once one is needed."""


@contextmanager
def _by_thread(limit: float, where: list[str]) -> Iterator[None]:
    if not _WATCHERS:
        sys.unraisablehook = _unheard(sys.unraisablehook)
        _WATCHERS.append(_Watcher())
        _WATCHERS[0].start()
    watcher, this = _WATCHERS[0], threading.get_ident()
    outer = watcher.ends.get(this), watcher.where.get(this)
    with watcher.lock:
        watcher.ends[this], watcher.where[this] = time.monotonic() + limit, where
    try:
        yield
    finally:
        with watcher.lock:
            del watcher.ends[this], watcher.where[this]
            if outer[0] is not None and outer[1] is not None:
                watcher.ends[this], watcher.where[this] = outer[0], outer[1]
            if where:
                _raise_in(this, None)  # a pending exception must not arrive later


def _unheard(hook: Callable[[sys.UnraisableHookArgs], object]) -> Callable[[sys.UnraisableHookArgs], object]:
    # An exception raised in a finalizer or by the garbage collector cannot propagate. The episode is then
    # stopped at a later attempt, so nothing is printed for the user.
    def hear(unraisable: sys.UnraisableHookArgs) -> None:
        if unraisable.exc_type is not _OverError:
            hook(unraisable)

    return hear


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    given = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), given)


def _note(frame: FrameType | None, where: list[str]) -> None:
    found = running(frame)
    if not where:
        doing = "the engine" if found is None else found[0]
        where.append(f"{doing} was running" + ("" if found is None else f" ({found[1]}:{found[2]})"))
