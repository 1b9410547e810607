"""Records about each chunk: a digest of each part, and what made its rows.

A line is written to `parts.jsonl` before the chunk's parts get their names, so a part without a line is
older than this file, or was put there by somebody else. If a chunk has several lines, the last one counts.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

FILE = "parts.jsonl"
"""The file's name."""


@dataclass(frozen=True)
class Origin:
    """What made a chunk's rows.

    Attributes:
        plandrift: plandrift's version.
        numpy: NumPy's version.
        engine: the engines that ran the episodes, named as in `plandrift.experiments.sweeps.engines`.
        where: the machine and process; this is not stored.
    """

    plandrift: str
    numpy: str
    engine: str
    where: str = ""

    @classmethod
    def here(cls, engine: str) -> Origin:
        """Return the origin of what this process makes."""
        where = f"process {os.getpid()} of {platform.node() or 'this machine'}"
        return cls(installed("plandrift"), np.__version__, engine, where)


@lru_cache
def installed(package: str) -> str:
    """Return the version of a package in this process."""
    return version(package)


@dataclass(frozen=True)
class ChunkRecord:
    """The record of a chunk.

    Attributes:
        number: the number of its parts.
        rows: the number of episodes in it.
        digests: the SHA-256 digest of each part, by its kind.
        plandrift: the version of plandrift that made the rows.
        numpy: the version of NumPy that made the rows.
        engine: the engine that ran the episodes.
    """

    number: int
    rows: int
    digests: Mapping[str, str]
    plandrift: str
    numpy: str
    engine: str


def digest_of(path: Path) -> str:
    """Return the digest of a file's bytes; empty if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def digests_of(paths: Sequence[Path]) -> list[str]:
    """Return the digests of many files, computed on all cores."""
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        return list(pool.map(digest_of, paths))


def add_record(folder: Path, record: ChunkRecord) -> None:
    """Record a chunk; its parts get their names once this record is on disk.

    Raises:
        OSError: the record cannot be written.
    """
    with (folder / FILE).open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":  # a sweep was stopped while writing a line
                file.write(b"\n")
        file.write(json.dumps(asdict(record)).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_records(folder: Path) -> dict[int, ChunkRecord]:
    """Return the record of each chunk, by number; incomplete lines are left out."""
    try:
        lines = (folder / FILE).read_bytes().splitlines()
    except OSError:
        return {}
    found = {}
    for line in lines:
        try:
            record = ChunkRecord(**json.loads(line))
        except (ValueError, TypeError, RecursionError):
            continue
        if (
            isinstance(record.number, int)
            and isinstance(record.rows, int)
            and isinstance(record.digests, dict)
        ):
            found[record.number] = record
    return found


def unverified(numbers: Iterable[int], records: Mapping[int, ChunkRecord]) -> list[int]:
    """Return those chunks that are older than any recorded chunk."""
    first = min(records, default=None)
    return [number for number in numbers if first is None or number < first]
