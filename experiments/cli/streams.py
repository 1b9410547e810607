"""Standard output and error: everything that is printed goes through here."""

from __future__ import annotations

import io
import os
import sys
import warnings
from contextlib import suppress
from typing import Any, TextIO

from plandrift.experiments.statistics.visible import visible


class SafeStream:
    """A text stream that escapes terminal control characters; it wraps another, which does everything else.

    Attributes:
        rich_proxied_file: the wrapped stream. Rich looks for this name and writes its styles to it directly;
            `printing.SafeConsole` escapes the text of those writes.
    """

    def __init__(self, beneath: TextIO) -> None:
        self.rich_proxied_file = beneath

    def write(self, text: str) -> int:
        """Write a text, with escapes in the place of control characters."""
        self.rich_proxied_file.write(visible(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)


def prepare() -> None:
    """Let what a stream has no letters for, and what would steer a terminal, be written as an escape.

    A locale may know no λ, a file's name need be no text, and names and values come from data. Warnings are
    kept out.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
            setattr(sys, name, SafeStream(stream))
    # What fails while a library's object is thrown away is nothing that anybody can do something about.
    sys.unraisablehook = lambda _: None
    if not sys.warnoptions:
        # A library's warning would interrupt the output of a user who can do nothing about it.
        warnings.simplefilter("ignore")


def write_exactly(text: str) -> None:
    """Write what a program is to read: as it is, unless it goes to a terminal."""
    stream = sys.stdout
    (stream if stream.isatty() else getattr(stream, "rich_proxied_file", stream)).write(text)


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
