"""The part files of a sweep: which of them count, and which are damaged.

A chunk of rows consists of a part in `episodes` and, if steps are kept, the part in `steps` with the same
number. It counts as a whole or not at all: one part without the other is left over from a killed process or
a manual deletion.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from plandrift.experiments.sweeps.chunk_records import digests_of, read_records, unverified
from plandrift.worlds.logs.sql import one_file

KINDS = ("episodes", "steps")
"""The folders that hold parts."""

FOREIGN = "the sweep did not write it"
"""The fault of a part that somebody else put there."""


def part_name(number: int) -> str:
    """Return the file name of a part.

    >>> part_name(3)
    'part-00000003.parquet'
    """
    return f"part-{number:08d}.parquet"


def number_of(path: Path) -> int:
    """Return the number of a part.

    >>> number_of(Path("episodes/part-00000003.parquet"))
    3
    """
    return int(path.stem.removeprefix("part-"))


def kinds(steps: bool) -> tuple[str, ...]:
    """Return the folders that a chunk is stored in: `episodes`, and `steps` if steps are kept."""
    return KINDS if steps else KINDS[:1]


def numbers(folder: Path, kind: str) -> set[int]:
    """Return the numbers of the parts of one kind."""
    names = (re.fullmatch(r"part-(\d{8})\.parquet", path.name) for path in (folder / kind).glob("part-*"))
    return {int(name[1]) for name in names if name is not None}


def strays(folder: Path) -> list[Path]:
    """Return the files among the parts that are not named like a part."""
    return sorted(
        path
        for kind in KINDS
        for path in (folder / kind).glob("*")
        if not re.fullmatch(r"part-\d{8}\.(parquet|tmp)", path.name)
    )


def chunks(folder: Path, steps: bool) -> list[int]:
    """Return the numbers of the complete chunks, in order."""
    return sorted(set.intersection(*(numbers(folder, kind) for kind in kinds(steps))))


def halves(folder: Path, steps: bool) -> list[Path]:
    """Return the parts of incomplete chunks."""
    whole = set(chunks(folder, steps))
    return [
        folder / kind / part_name(number)
        for kind in kinds(steps)
        for number in sorted(numbers(folder, kind) - whole)
    ]


def next_number(folder: Path) -> int:
    """Return a number that no part has yet."""
    return 1 + max((number for kind in KINDS for number in numbers(folder, kind)), default=-1)


def fault(path: Path) -> str:
    """Read a part to its last byte and return what is wrong with it; empty if nothing is."""
    import duckdb

    try:
        # A damaged file can make a connection unusable, so each has its own.
        with duckdb.connect() as connection:
            read = f"from read_parquet({one_file(path)}) p"
            held = {row[0] for row in connection.execute(f"describe select * {read}").fetchall()}
            if not {"condition", "seed"} <= held:
                return "it has no conditions and seeds"
            connection.execute(f"select bit_xor(hash(p)) {read}").fetchall()
    except duckdb.Error as error:
        return "it is empty" if path.is_file() and not path.stat().st_size else _reason(error)
    return ""


def changed(folder: Path, paths: Sequence[Path]) -> list[Path]:
    """Return those parts that are not as the sweep wrote them; those without a digest count as unchanged."""
    records = read_records(folder)
    old = set(unverified(map(number_of, paths), records))
    noted = [path for path in paths if number_of(path) not in old]
    wrote = [records[n].digests.get(p.parent.name) if (n := number_of(p)) in records else None for p in noted]
    return [
        p for p, was, now in zip(noted, wrote, digests_of(noted), strict=True) if was is None or was != now
    ]


def damaged(folder: Path, paths: Sequence[Path]) -> dict[Path, str]:
    """Return those parts that cannot be read or are not as the sweep wrote them, each with the reason."""
    records = read_records(folder)
    old = set(unverified(map(number_of, paths), records))
    found = {path: why for path in paths if number_of(path) in old and (why := fault(path))}
    for path in changed(folder, paths):
        strange = "it has changed since it was written" if number_of(path) in records else FOREIGN
        found[path] = fault(path) or strange
    return found


def _reason(error: Exception) -> str:
    said = str(error).partition("\n")[0]
    if "magic bytes" in said or "too small" in said:
        return "it is not a complete Parquet file"
    return f"it cannot be read: {said[:120]}"
