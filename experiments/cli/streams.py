"""Standard output and error where they are no terminal that can show everything and takes all."""

from __future__ import annotations

import io
import os
import sys
import warnings
from contextlib import suppress


def prepare() -> None:
    """Let what a stream has no letters for be written as an escape, and keep warnings out of it.

    A locale may know no λ, and a file's name need be no text.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # What fails while a library's object is thrown away is nothing that anybody can do something about.
    sys.unraisablehook = lambda _: None
    if not sys.warnoptions:
        # A library's warning would stand between the lines of somebody who can do nothing about it.
        warnings.simplefilter("ignore")


def flush() -> None:
    """Write what is still held back, so that a full disk is reported while it can be.

    Raises:
        OSError: it cannot be written.
    """
    if sys.stdout is not None:
        sys.stdout.flush()


def give_up() -> None:
    """Write nothing more to standard output: what is held back for it would be tried again at the end."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
