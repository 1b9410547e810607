"""Whose code an error comes from: a user's method is named with its file and its line."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType, TracebackType

from plandrift.sim.terms.errors import PlandriftError

_HOUSE = Path(__file__).resolve().parents[2]
_OURS = tuple(str(_HOUSE / name) + "/" for name in ("plandrift", "sim", "worlds", "policies", "experiments"))
_LIBRARIES = tuple(
    {
        str(Path(sysconfig.get_path(name)).resolve()) + "/"
        for name in ("stdlib", "platstdlib", "purelib", "platlib", "scripts")
    }
)


class OwnCodeError(PlandriftError):
    """A world, scene, policy or planner of a user's own raised, or answered with what is no answer."""


def foreign(code: CodeType) -> bool:
    """Whether code is a user's: neither plandrift's nor a library's.

    >>> foreign(foreign.__code__)
    False
    """
    name = code.co_filename
    if name.startswith("<"):
        return False
    path = str(Path(name).resolve())
    return not path.startswith(_OURS) and not path.startswith(_LIBRARIES)


def place(error: BaseException) -> tuple[str, str, int] | None:
    """The user's function that raised last, its file and the line; None if none of them did."""
    found = None
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        if foreign(trace.tb_frame.f_code):
            found = _of(trace.tb_frame, trace.tb_lineno)
        trace = trace.tb_next
    # SimPy raises what a process of its raised anew, with the first as its cause.
    behind = error.__cause__ or error.__context__
    return found if found is not None or behind is None else place(behind)


def running(frame: FrameType | None) -> tuple[str, str, int] | None:
    """The user's function that is running in this frame or below it, its file and the line."""
    while frame is not None:
        if foreign(frame.f_code):
            return _of(frame, frame.f_lineno)
        frame = frame.f_back
    return None


def _of(frame: FrameType, line: int) -> tuple[str, str, int]:
    code = frame.f_code
    return code.co_qualname.replace(".<locals>", ""), code.co_filename, line


def own_code_error(error: BaseException) -> OwnCodeError | None:
    """What to tell a user whose code raised; None if it was not theirs."""
    found = place(error)
    if found is None:
        return None
    name, file, line = found
    did = "called sys.exit" if isinstance(error, SystemExit) else f"raised {in_words(error)}"
    return OwnCodeError(f"{name} {did} ({file}:{line}): mend it there; --traceback shows the whole")


def in_words(error: BaseException) -> str:
    """An exception in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:300].removesuffix(": ").rstrip(":")


@contextmanager
def blamed() -> Iterator[None]:
    """Say whose code raised in here, where that is a user's.

    Raises:
        OwnCodeError: a user's code raised, or left by `sys.exit`.
    """
    try:
        yield
    except PlandriftError:
        raise
    except (Exception, SystemExit) as error:
        mine = own_code_error(error)
        if mine is None:
            raise
        raise mine from error
