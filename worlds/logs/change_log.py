"""A recorded change log, read from CSV, JSON lines or Parquet and put in order.

A log has one row per change: `time` (a number of seconds, or a date and time, UTC unless it says otherwise),
`fluent`, `value` (empty if the fluent is absent), and optionally `set` (changes made together, such as a
commit) and `who`. A row without a set forms its own set.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from plandrift.sim import SettingError
from plandrift.worlds.logs.safe_csv import read_back
from plandrift.worlds.logs.sql import one_file, quoted

if TYPE_CHECKING:
    import duckdb

COLUMNS = ("time", "fluent", "value", "set", "who")
NEEDED = COLUMNS[:3]
SHOWN = 5
"""How many bad rows an error names; the rest are only counted."""
ROWS_A_GROUP = 20_000
"""Rows per row group: the log is sorted by time, so reads skip whole groups."""

LATEST = 1e12
"""The greatest absolute time in a log, in seconds."""

LIMITS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "1GB",
    "temp_directory": tempfile.gettempdir(),
}
"""DuckDB's memory limit; a log that does not fit is sorted on disk."""

_AS_SECONDS = r"""coalesce(try_cast(time as double),
    case when regexp_matches(time, '\d:\d\d.*([zZ]|[+-]\d\d(:?\d\d)?)$')
    then epoch(try_cast(time as timestamptz)) else epoch(try_cast(time as timestamp)) end)"""


@dataclass(frozen=True)
class ChangeLog:
    """A sorted log in two Parquet files: `changes`, a row per change, and `sets`, a row per change set.

    Attributes:
        folder: the folder of the two files.
        source: the original log.
    """

    folder: Path
    source: str

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Return a connection with both files as views: `changes` and `sets`.

        `changes` has place (the order of the rows), t (seconds since the first change), fluent, value, before
        (the previous value), set and who. `sets` has number, t, first, fluents, changed (the number of
        fluents whose value it changed) and who.
        """
        # DuckDB takes longer to load than most episodes to run, and only a recorded history needs it.
        import duckdb

        connection = duckdb.connect(config={"threads": 1} | LIMITS)
        for name in ("changes", "sets"):
            connection.execute(f"create view {name} as from {one_file(self.folder / f'{name}.parquet')}")
        return connection

    @cached_property
    def span(self) -> float:
        """The seconds from the first change to the last."""
        row = self.connection.execute("select max(t) from sets").fetchone()
        assert row is not None
        return float(row[0])

    @cached_property
    def of_git(self) -> bool:
        """Whether it is the history of a git repository as written by `plandrift agent import git`."""
        row = self.connection.execute(
            "select bool_and(value = 'deleted' or regexp_full_match(value, '[0-9a-f]{40}|[0-9a-f]{64}')) "
            "from (select value from changes limit 1000)"
        ).fetchone()
        return bool(row and row[0])


def opened(path: str, skip_bad_rows: bool = False) -> ChangeLog:
    """Open a log file; it is sorted once for each state of the file, and the result is cached on disk.

    Args:
        path: a path ending in .csv, .jsonl or .parquet.
        skip_bad_rows: skip the rows that cannot be read.

    Raises:
        SettingError: the file does not exist or is not a log; the message names the bad rows.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = Path(folder) / "moves.csv"
    ...     _ = log.write_text("time,fluent,value\\n0,door,open\\n60,door,shut\\n")
    ...     opened(str(log)).span
    60.0
    """
    try:
        place = Path(path).resolve()
        state = place.stat()
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "there is no such file"
        raise SettingError(f"log {path}: {reason}: give a CSV, JSON lines or Parquet file") from None
    if place.suffix not in _READERS:
        raise SettingError(f"log {path}: end its name in {', '.join(_READERS)}")
    words = json.dumps([str(place), state.st_size, state.st_mtime_ns, skip_bad_rows])
    kept = _cache() / hashlib.sha256(words.encode()).hexdigest()[:24]
    if not (kept / "sets.parquet").exists():
        _put_in_order(place, path, kept, skip_bad_rows)
    return _shared(kept, path)


@lru_cache(maxsize=4)
def _shared(kept: Path, path: str) -> ChangeLog:
    return ChangeLog(kept, path)


def _cache() -> Path:
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir()) / f"plandrift-{user}"


def _put_in_order(place: Path, name: str, kept: Path, skip_bad_rows: bool) -> None:
    import duckdb

    kept.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix="making-", dir=kept.parent))
    try:
        with duckdb.connect(str(making / "work.duckdb"), config=LIMITS) as connection:
            _read(connection, place, name)
            _check(connection, place, name, skip_bad_rows)
            _write(connection, making)
        (making / "work.duckdb").unlink()
        try:
            making.rename(kept)
        except OSError:
            # Another process was faster; its result is the same.
            if not (kept / "sets.parquet").exists():
                raise
    finally:
        rmtree(making, ignore_errors=True)


def _read(connection: duckdb.DuckDBPyConnection, place: Path, name: str) -> None:
    """Load every row as it is, numbered from 1 in the order of the file."""
    import duckdb

    try:
        reader = _READERS[place.suffix]
        connection.execute(f"create temp view raw as {reader.format(one_file(place))}")
        found = [row[0] for row in connection.execute("describe raw").fetchall()]
        missing = [column for column in NEEDED if column not in found]
        if missing and place.suffix != ".jsonl":
            raise SettingError(
                f"log {name}: there is no column {missing[0]!r}: name its columns {', '.join(COLUMNS)}"
            )
        text = read_back if place.suffix == ".csv" else str
        columns = ", ".join(
            text(f'cast("{column}" as varchar)') + f' as "{column}"'
            if column in found
            else f'null as "{column}"'
            for column in COLUMNS
        )
        connection.execute(
            f"""create table rows as
                select *, t is null or not isfinite(t) or abs(t) > {LATEST}
                or coalesce(fluent, '') = '' as bad
                from (select line, {_AS_SECONDS} as t, time, fluent, value, who,
                coalesce("set", '#' || line) as "set" from
                (select row_number() over () as line, {columns} from raw))"""
        )
    except duckdb.Error as error:
        reason = " ".join(str(error).split())[:200]
        raise SettingError(f"log {name}: it cannot be read: {reason}") from None


def _check(connection: duckdb.DuckDBPyConnection, place: Path, name: str, skip_bad_rows: bool) -> None:
    bad = connection.execute(
        """select line, case when coalesce(fluent, '') = '' then 'it names no fluent'
             when time is null then 'it has no time'
             when isfinite(t) then 'time ' || '\'\'' || time || '\'\'' || ' is out of range'
             else 'time ' || '\'\'' || time || '\'\'' || ' is neither a number of seconds nor a date' end
           from rows where bad order by line"""
    ).fetchall()
    if bad and not skip_bad_rows:
        lines = _lines(place, [row for row, _ in bad[:SHOWN]])
        named = "; ".join(f"line {line}: {why}" for line, (_, why) in zip(lines, bad, strict=False))
        more = f"; and {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
        raise SettingError(
            f"log {name}: {len(bad)} bad row{'s' * (len(bad) > 1)}: {named}{more}: correct them, or "
            "skip them with --skip-bad-rows"
        )
    connection.execute("delete from rows where bad")
    row = connection.execute("select count(*), min(t), max(t) from rows").fetchone()
    assert row is not None
    if not row[0]:
        raise SettingError(f"log {name}: there are no rows: give a log with changes")
    if row[1] == row[2]:
        raise SettingError(f"log {name}: all rows have the same time: give a log that spans some time")


def _write(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    connection.execute(
        """create table numbers as select "set", row_number() over (order by first, line) as number from
           (select "set", min(t) as first, min(line) as line from rows group by "set")"""
    )
    connection.execute(
        f"""copy (select row_number() over (order by r.t, line) as place,
                r.t - (select min(t) from rows) as t, fluent, value,
                lag(value) over (partition by fluent order by r.t, line) as before,
                number as "set", who
            from rows r join numbers using ("set") order by r.t, line)
            to {quoted(folder / "changes.parquet")} (format parquet, row_group_size {ROWS_A_GROUP})"""
    )
    connection.execute(
        f"""copy (select "set" as number, max(t) as t, min(t) as first, count(distinct fluent) as fluents,
                count(distinct fluent) filter (value is distinct from before) as changed, min(who) as who
            from {one_file(folder / "changes.parquet")} group by "set" order by number)
            to {quoted(folder / "sets.parquet")} (format parquet)"""
    )


def _lines(place: Path, rows: list[int]) -> list[int]:
    """Return the lines of the file at which these rows, counted from 1, begin."""
    if place.suffix == ".parquet":
        return rows
    found = []
    wanted = iter(rows)
    row = next(wanted, None)
    for number, line in enumerate(_starts(place), 1):
        if number == row:
            found.append(line)
            row = next(wanted, None)
            if row is None:
                break
    return found


def _starts(place: Path) -> Iterator[int]:
    """Yield the line at which each row begins; blank lines are not rows, and quoted values may span lines."""
    with place.open(newline="", encoding="utf-8", errors="replace") as file:
        if place.suffix == ".jsonl":
            yield from (n for n, line in enumerate(file, 1) if line.strip())
            return
        csv.field_size_limit(2**31 - 1)  # a field may be a whole file
        reader = csv.reader(file)
        before = 0
        records = []
        for record in reader:
            start, before = before + 1, reader.line_num
            if record:
                records.append(start)
            if len(records) > 1:
                yield records.pop()


_READERS = {
    ".csv": (
        "from read_csv({}, all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"', "
        "null_padding = true, strict_mode = false, parallel = false)"
    ),
    ".jsonl": (
        "select "
        + ", ".join(f"json_extract_string(line, '$.{column}') as \"{column}\"" for column in COLUMNS)
        + " from (select case when json_valid(line) then line end as line from read_csv({}, "
        "columns = {{'line': 'VARCHAR'}}, auto_detect = false, header = false, delim = '\x01', quote = '', "
        "escape = '') where trim(line) <> '')"
    ),
    ".parquet": "from {}",
}
