"""Text and TOML files that a user gives: what is wrong with one is said in one line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from plandrift.sim import SettingError

LARGEST = 50_000_000
"""Bytes: a longer file is none that somebody wrote."""


def read_text(path: Path, name: str, fix: str) -> str:
    """The text of a file in UTF-8.

    Args:
        path: of the file.
        name: called so in a message.
        fix: what the message says to do.

    Raises:
        SettingError: it is not there, cannot be read, is too long, or is no text in UTF-8.
    """
    try:
        with path.open("rb") as file:
            held = file.read(LARGEST + 1)
    except (OSError, RuntimeError) as error:
        raise SettingError(f"{name}: {getattr(error, 'strerror', None) or error}: {fix}") from None
    except ValueError:
        raise SettingError(f"{name!r}: no file is called so: {fix}") from None
    if len(held) > LARGEST:
        raise SettingError(f"{name}: it has more than {LARGEST // 1_000_000} MB: {fix}")
    try:
        return held.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = held[: error.start].count(b"\n") + 1
        raise SettingError(f"{name}: line {line} is no text in UTF-8: save it in UTF-8") from None


def toml_of(text: str, place: str) -> dict[str, Any]:
    """What a text in TOML says.

    Args:
        text: of the file.
        place: the file's name, for messages.

    Raises:
        SettingError: it is no TOML; the line names file and line.

    >>> toml_of("seeds = 4", "spec.toml")
    {'seeds': 4}
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise SettingError(f"{place}:{line[1] if line else len(text.splitlines())}: {error}") from None
    except RecursionError:
        raise SettingError(f"{place}: its lists are too deep: give values one below the other") from None
    except ValueError as error:
        # A whole number of more digits than Python reads, or a date that no calendar has.
        raise SettingError(f"{place}: a value cannot be read ({_plain(error)}): give a shorter one") from None


def _plain(error: Exception) -> str:
    return str(error).partition(";")[0].partition(":")[0]
