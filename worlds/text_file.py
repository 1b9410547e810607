"""Reading users' text and TOML files, with one-line errors."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from plandrift.sim import SettingError

LARGEST = 50_000_000
"""The greatest size in bytes: a longer file was not written by hand."""


def read_text(path: Path, name: str, fix: str) -> str:
    """Read a UTF-8 text file.

    Args:
        path: the path of the file.
        name: what to call the file in a message.
        fix: the advice in a message.

    Raises:
        SettingError: the file is missing, unreadable, too long, or not valid UTF-8.
    """
    try:
        with path.open("rb") as file:
            held = file.read(LARGEST + 1)
    except (OSError, RuntimeError) as error:
        raise SettingError(f"{name}: {getattr(error, 'strerror', None) or error}: {fix}") from None
    except ValueError:
        raise SettingError(f"{name!r} cannot be a file name: {fix}") from None
    if len(held) > LARGEST:
        raise SettingError(f"{name}: the file has more than {LARGEST // 1_000_000} MB: {fix}")
    try:
        return held.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = held[: error.start].count(b"\n") + 1
        raise SettingError(f"{name}: line {line} is not UTF-8 text: save it as UTF-8") from None


def toml_of(text: str, place: str) -> dict[str, Any]:
    """Parse TOML.

    Args:
        text: the contents of the file.
        place: the file's name, for messages.

    Raises:
        SettingError: it is not valid TOML; the message names file and line.

    >>> toml_of("seeds = 4", "spec.toml")
    {'seeds': 4}
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise SettingError(f"{place}:{line[1] if line else len(text.splitlines())}: {error}") from None
    except RecursionError:
        raise SettingError(f"{place}: its lists are nested too deeply: nest them less") from None
    except ValueError as error:
        # An integer with more digits than Python accepts, or a date that does not exist.
        raise SettingError(f"{place}: a value cannot be read ({_plain(error)}): give a shorter one") from None


def _plain(error: Exception) -> str:
    return str(error).partition(";")[0].partition(":")[0]
