"""What a sweep notes of each chunk when it writes it: a digest of each part, and what made its rows.

A line of `parts.jsonl` stands there before the chunk's parts have their names, so that a part without a line
is older than this file, or was put there by somebody else. Of several lines of one chunk the last counts.
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
    """What made rows.

    Attributes:
        plandrift: its version.
        numpy: likewise.
        engine: the names of what ran the episodes, as `plandrift.experiments.sweeps.engines` has them.
        where: the machine and process; it is no part of what is kept.
    """

    plandrift: str
    numpy: str
    engine: str
    where: str = ""

    @classmethod
    def here(cls, engine: str) -> Origin:
        """Of what this process makes."""
        where = f"process {os.getpid()} of {platform.node() or 'this machine'}"
        return cls(installed("plandrift"), np.__version__, engine, where)


@lru_cache
def installed(package: str) -> str:
    """The version of a package that this process has."""
    return version(package)


@dataclass(frozen=True)
class ChunkRecord:
    """What is noted of a chunk.

    Attributes:
        number: of its parts.
        rows: the episodes in it.
        digests: SHA-256 of each part, by its kind.
        plandrift: the version that made the rows.
        numpy: likewise.
        engine: what ran the episodes.
    """

    number: int
    rows: int
    digests: Mapping[str, str]
    plandrift: str
    numpy: str
    engine: str


def digest_of(path: Path) -> str:
    """The digest of a file's bytes; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def digests_of(paths: Sequence[Path]) -> list[str]:
    """The digests of many files, on all cores."""
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        return list(pool.map(digest_of, paths))


def add_record(folder: Path, record: ChunkRecord) -> None:
    """Note a chunk; its parts get their names when this is on the disk.

    Raises:
        OSError: it cannot be written.
    """
    with (folder / FILE).open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":  # a sweep was stopped while it wrote a line
                file.write(b"\n")
        file.write(json.dumps(asdict(record)).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_records(folder: Path) -> dict[int, ChunkRecord]:
    """What is noted of each chunk, by its number; what is no whole line is left out."""
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
    """The chunks of these that are older than any that has been noted."""
    first = min(records, default=None)
    return [number for number in numbers if first is None or number < first]
