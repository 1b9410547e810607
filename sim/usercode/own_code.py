"""Finding out whether an error comes from a user's code, with the method, file and line."""

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
    """A user's world, scene, policy or planner raised, or returned something invalid."""


def foreign(code: CodeType) -> bool:
    """Return whether code belongs to a user: neither to plandrift nor to a library.

    >>> foreign(foreign.__code__)
    False
    """
    name = code.co_filename
    if name.startswith("<"):
        return False
    path = str(Path(name).resolve())
    return not path.startswith(_OURS) and not path.startswith(_LIBRARIES)


def place(error: BaseException) -> tuple[str, str, int] | None:
    """Return the name, file and line of the innermost user function that raised; None if there is none."""
    found = None
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        if foreign(trace.tb_frame.f_code):
            found = _of(trace.tb_frame, trace.tb_lineno)
        trace = trace.tb_next
    # SimPy raises a new exception for one raised in a process, with the original as its cause.
    behind = error.__cause__ or error.__context__
    return found if found is not None or behind is None else place(behind)


def running(frame: FrameType | None) -> tuple[str, str, int] | None:
    """Return the name, file and line of the user function running in this frame or a caller of it."""
    while frame is not None:
        if foreign(frame.f_code):
            return _of(frame, frame.f_lineno)
        frame = frame.f_back
    return None


def _of(frame: FrameType, line: int) -> tuple[str, str, int]:
    code = frame.f_code
    return code.co_qualname.replace(".<locals>", ""), code.co_filename, line


def own_code_error(error: BaseException) -> OwnCodeError | None:
    """Return the error to show to a user whose code raised; None if the code was not the user's."""
    found = place(error)
    if found is None:
        return None
    name, file, line = found
    did = "called sys.exit" if isinstance(error, SystemExit) else f"raised {in_words(error)}"
    return OwnCodeError(f"{name} {did} ({file}:{line}): fix it there; --traceback shows the whole traceback")


def in_words(error: BaseException) -> str:
    """Return an exception in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:300].removesuffix(": ").rstrip(":")


@contextmanager
def blamed() -> Iterator[None]:
    """Convert exceptions that come from a user's code inside this block.

    Raises:
        OwnCodeError: a user's code raised, or called `sys.exit`.
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
