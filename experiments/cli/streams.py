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
        """Write a text, with its control characters escaped."""
        self.rich_proxied_file.write(visible(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)


def prepare() -> None:
    """Make both streams escape what they cannot encode and what would control a terminal.

    A locale may lack λ, a file's name may be undecodable, and names and values come from data. Warnings are
    suppressed.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
            setattr(sys, name, SafeStream(stream))
    # Nobody can do anything about an error while a library's object is being destroyed.
    sys.unraisablehook = lambda _: None
    if not sys.warnoptions:
        # A library's warning would interrupt the output, and the user can do nothing about it.
        warnings.simplefilter("ignore")


def write_exactly(text: str) -> None:
    """Write output for programs: unchanged, unless it goes to a terminal."""
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
