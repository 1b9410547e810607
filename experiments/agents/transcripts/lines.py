"""Transcripts as JSON lines, however broken: unreadable lines are counted, and reading continues."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from plandrift.experiments.agents.transcripts.operation_buffer import ImportSummary
from plandrift.sim import PlandriftError

LONGEST = 64 * 2**20
"""The longest line in bytes; longer ones are skipped and counted, as a line is held in memory."""
LARGEST = 256 * 2**20
"""The largest document in bytes; larger ones are skipped and counted, as a document is held in memory."""
EVERY = 4 * 2**20
"""The number of bytes between two progress reports."""


@dataclass(frozen=True)
class Source:
    """One file of a transcript.

    Attributes:
        name: the name shown to people.
        size: the size in bytes.
        opens: opens the file for reading in binary mode.
    """

    name: str
    size: int
    opens: Callable[[], IO[bytes]]


def sources(path: Path, endings: tuple[str, ...]) -> list[Source]:
    """Return a transcript's files: the file itself, or those in a tree with these endings, in order.

    Links are not followed, so that the search cannot leave the tree or go round in circles.

    Raises:
        PlandriftError: there is nothing to read.
    """
    if path.is_file():
        return [source_of(path)]
    if not path.is_dir():
        raise PlandriftError(f"{path}: no such file or folder: give a transcript, or a folder of them")
    found = sorted(
        p for p in path.rglob("*") if p.name.endswith(endings) and p.is_file() and not p.is_symlink()
    )
    if not found:
        raise PlandriftError(
            f"{path}: it contains no file that ends in {' or '.join(endings)}: give another folder"
        )
    return [source_of(p) for p in found]


def source_of(path: Path) -> Source:
    """Return a file as a source."""
    return Source(str(path), path.stat().st_size, lambda: path.open("rb"))


def objects(
    files: Iterable[Source], summary: ImportSummary, progress: Callable[[int], None] | None = None
) -> Iterator[tuple[Source, dict[str, Any]]]:
    """Yield every JSON object that is on a line of its own.

    Args:
        files: the files, in reading order.
        summary: counts what could not be read.
        progress: called with the number of bytes read since the last call.
    """
    for source in files:
        summary.files += 1
        try:
            file = source.opens()
        except OSError:
            summary.troubles["files that could not be opened"] += 1
            continue
        with file:
            since = 0
            for line in _lines(file, summary):
                summary.size += len(line)
                since += len(line)
                if since >= EVERY and progress is not None:
                    progress(since)
                    since = 0
                made = parsed(line, summary)
                if made is not None:
                    yield source, made
            if progress is not None:
                progress(since)


def documents(
    files: Iterable[Source], summary: ImportSummary, progress: Callable[[int], None] | None = None
) -> Iterator[tuple[Source, Any]]:
    """Yield the JSON document of every file that is one.

    Args:
        files: the files, in reading order.
        summary: counts what could not be read.
        progress: called with the number of bytes read since the last call.
    """
    for source, text in texts(files, summary, progress):
        try:
            held = json.loads(text)
        except (ValueError, RecursionError):
            summary.troubles["files that are not JSON, or are cut short"] += 1
            continue
        yield source, held


def texts(
    files: Iterable[Source], summary: ImportSummary, progress: Callable[[int], None] | None = None
) -> Iterator[tuple[Source, bytes]]:
    """Yield the content of every file that is not too large to be held in memory."""
    for source in files:
        summary.files += 1
        summary.size += source.size
        if source.size > LARGEST:
            summary.troubles[f"files of more than {LARGEST // 2**20} MiB"] += 1
            continue
        try:
            with source.opens() as file:
                held = file.read()
        except OSError:
            summary.troubles["files that could not be opened"] += 1
            continue
        finally:
            if progress is not None:
                progress(source.size)
        yield source, held


def parsed(line: bytes, summary: ImportSummary) -> dict[str, Any] | None:
    """Return a line's object; None if it has none, and then the line is counted unless it is blank."""
    if not line.strip():
        return None
    try:
        # The encoding of bytes is guessed by `json`, which takes time.
        made = json.loads(line.decode() if line[:1] == b"{" else line)
    except (ValueError, RecursionError):
        summary.troubles["lines that are not JSON, or are cut short"] += 1
        return None
    if not isinstance(made, dict):
        summary.troubles["lines that are not an object"] += 1
        return None
    return made


def _lines(file: IO[bytes], summary: ImportSummary) -> Iterator[bytes]:
    while line := file.readline(LONGEST):
        if len(line) == LONGEST and not line.endswith(b"\n"):
            summary.troubles[f"lines of more than {LONGEST // 2**20} MiB"] += 1
            while (rest := file.readline(LONGEST)) and not rest.endswith(b"\n"):
                pass
            continue
        yield line


def json_object(held: Any) -> Any:
    """Parse a value that may be JSON in a text.

    >>> json_object('{"a": 1}'), json_object("{no"), json_object(None)
    ({'a': 1}, '{no', None)
    """
    if isinstance(held, str) and held[:1] in "{[":
        try:
            return json.loads(held)
        except (ValueError, RecursionError):
            return held
    return held


def seconds(stamp: object) -> float | None:
    """Parse a time into seconds since the epoch: an ISO date, or a number of seconds or milliseconds.

    >>> seconds("1970-01-01T00:00:01.5Z"), seconds(1767225600000), seconds("soon")
    (1.5, 1767225600.0, None)
    """
    if isinstance(stamp, str):
        try:
            made = datetime.fromisoformat(stamp)
        except ValueError:
            return None
        return (made if made.tzinfo else made.replace(tzinfo=UTC)).timestamp()
    if isinstance(stamp, bool) or not isinstance(stamp, int | float) or not 0 <= stamp < 1e20:
        return None
    for most, scale in ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6)):
        if stamp < most:
            return stamp / scale
    return stamp / 1e9
