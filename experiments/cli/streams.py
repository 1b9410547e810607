"""Standard output and error where they are not a terminal, cannot show every character, or may be full."""

from __future__ import annotations

import io
import os
import sys
import warnings
from contextlib import suppress


def prepare() -> None:
    """Write characters that a stream cannot encode as escapes, and keep warnings out of it.

    A locale may not have λ, and a file name need not be valid text.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # Nobody can act on an error raised while a library's object is being finalized.
    sys.unraisablehook = lambda _: None
    if not sys.warnoptions:
        # A library's warning would interrupt the output of a user who can do nothing about it.
        warnings.simplefilter("ignore")


def flush() -> None:
    """Flush what is still buffered, so that a full disk is reported while it still can be.

    Raises:
        OSError: the buffer cannot be written.
    """
    if sys.stdout is not None:
        sys.stdout.flush()


def give_up() -> None:
    """Discard what is still buffered for standard output, which Python would try to write at exit."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
