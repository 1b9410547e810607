"""The event log of a process as a change log: one fluent per case, whose value is the latest activity.

Two forms are read: CSV with named columns, and XES (IEEE 1849), plain or gzipped, of which case, activity,
time and resource are taken.
"""

from __future__ import annotations

import csv
import math
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from plandrift.sim import PlandriftError
from plandrift.sim.terms.errors import nearest
from plandrift.worlds.logs.change_log import COLUMNS
from plandrift.worlds.logs.git_history import LAST, check_out, write_log
from plandrift.worlds.logs.xes import KEYS, xes_events

MILLISECONDS = "ms"
"""The format of times that count milliseconds since 1970."""
HEAD = 4096
"""Bytes at the beginning of a file in which it says what it is."""
OBJECT_CENTRIC = (b"ocel", b"object-types", b"objectTypes")


@dataclass(frozen=True)
class Columns:
    """The columns, or XES keys, to read; None means the standard XES key and is not allowed for CSV.

    Attributes:
        case: which case an event belongs to.
        activity: what was done.
        time: when.
        who: by whom, if that is known.
        time_format: how times are written, as for `datetime.strptime`, or `ms` for milliseconds since
            1970; if None, ISO 8601 or seconds since 1970.
    """

    case: str | None = None
    activity: str | None = None
    time: str | None = None
    who: str | None = None
    time_format: str | None = None


class EventSummary(NamedTuple):
    """A summary of an imported event log.

    Attributes:
        changes: rows, an event each.
        cases: fluents.
        activities: different values.
        people: who did them.
        begins: time of the earliest, in seconds since 1970.
        ends: time of the latest.
        left_out: events that could not be read.
        naive: how many times named no zone, and were taken as UTC.
    """

    changes: int
    cases: int
    activities: int
    people: int
    begins: float
    ends: float
    left_out: int
    naive: int


class LoggedEvent(NamedTuple):
    """One event: its place in the file, and its contents."""

    place: str
    case: str
    activity: str
    time: str
    who: str


class BadEventError(PlandriftError):
    """An event that cannot be read."""


def import_events(
    source: Path, out: Path, columns: Columns, *, names: bool = False, skip_bad_rows: bool = False
) -> EventSummary:
    """Write an event log as a change log.

    Args:
        source: a .csv, .xes or .xes.gz file.
        out: ends in .parquet, .csv or .jsonl.
        columns: where case, activity, time and resource stand.
        names: write the resources' names; if not, pseudonyms.
        skip_bad_rows: go on without the events that cannot be read.

    Raises:
        PlandriftError: a file or column is missing, or an event cannot be read; the message says where.
    """
    check_out(out)
    cases, activities, people = set[str](), set[str](), dict[str, str]()
    changes, begins, ends, left_out, naive = 0, float("inf"), float("-inf"), 0, 0
    try:
        with tempfile.TemporaryDirectory(prefix="plandrift-") as folder:
            rows = Path(folder) / "rows.csv"
            with rows.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(COLUMNS)
                for event in _events(source, columns):
                    try:
                        at, zoned = _seconds(event, columns.time_format, source)
                    except BadEventError as error:
                        if not skip_bad_rows:
                            raise PlandriftError(f"{error}, or go on without by --skip-bad-rows") from None
                        left_out += 1
                        continue
                    naive += not zoned
                    who = people.setdefault(event.who, f"resource-{len(people) + 1}") if event.who else ""
                    changes += 1
                    person = event.who if names else who
                    writer.writerow((at, event.case, event.activity, changes, person))
                    cases.add(event.case)
                    activities.add(event.activity)
                    begins, ends = min(begins, at), max(ends, at)
            if not changes:
                raise PlandriftError(f"{source}: there are no events: nothing to import")
            write_log(rows, out, time="DOUBLE")
    except OSError as error:
        raise PlandriftError(f"{error.filename or source}: {error.strerror}: give an event log") from None
    return EventSummary(changes, len(cases), len(activities), len(people), begins, ends, left_out, naive)


def _events(source: Path, columns: Columns) -> Iterator[LoggedEvent]:
    with source.open("rb") as file:
        head = file.read(HEAD)
    if source.suffix != ".csv" and any(word in head for word in OBJECT_CENTRIC):
        raise PlandriftError(
            f"{source}: it is an object-centric log (OCEL), whose events belong to several cases: "
            "give one flattened to a kind of object, as .csv or .xes"
        )
    if source.name.endswith((".xes", ".xes.gz")):
        keys = {name: getattr(columns, name) or key for name, key in KEYS.items()}
        return (LoggedEvent(place, **said) for place, said in xes_events(source, keys))
    if source.suffix == ".csv":
        return _of_csv(source, columns)
    raise PlandriftError(f"{source}: give a .csv, .xes or .xes.gz file")


def _of_csv(source: Path, columns: Columns) -> Iterator[LoggedEvent]:
    wanted = {"case": columns.case, "activity": columns.activity, "time": columns.time}
    for option, name in wanted.items():
        if name is None:
            raise PlandriftError(f"{source}: --{option} is not given: name the column that holds it")
    if columns.who is not None:
        wanted["who"] = columns.who
    try:
        with source.open(newline="", encoding="utf-8-sig") as file:
            first = file.readline()
            file.seek(0)
            reader = csv.DictReader(file, delimiter=max(",;\t", key=first.count))
            known = list(reader.fieldnames or ())
            for option, name in wanted.items():
                if name not in known:
                    raise PlandriftError(
                        f"--{option} {name}: {source} has no such column: {nearest(str(name), known)}"
                    )
                if known.count(name) > 1:
                    raise PlandriftError(
                        f"--{option} {name}: {source} has {known.count(name)} columns of this name: "
                        "rename one"
                    )
            for row in reader:
                found = {option: (row[str(name)] or "").strip() for option, name in wanted.items()}
                yield LoggedEvent(
                    f"line {reader.line_num}",
                    found["case"],
                    found["activity"],
                    found["time"],
                    found.get("who", ""),
                )
    except UnicodeDecodeError:
        raise PlandriftError(f"{source}: it is no text in UTF-8: save it in UTF-8") from None
    except csv.Error as error:
        raise PlandriftError(f"{source}: it is no CSV: {error}: give an event log") from None


def _seconds(event: LoggedEvent, form: str | None, source: Path) -> tuple[float, bool]:
    """The time of an event, and whether it names its zone."""
    place = f"{source}: {event.place}"
    if not event.case or not event.activity:
        missing = "case" if not event.case else "activity"
        raise BadEventError(f"{place}: it has no {missing}: mend it, name another --{missing}")
    if not event.time:
        raise BadEventError(f"{place}: it has no time: mend it")
    at, zoned = math.nan, True
    try:
        if form == MILLISECONDS:
            at = float(event.time) / 1000
        else:
            read = (
                datetime.strptime(event.time, form)
                if form
                else datetime.fromisoformat(event.time.replace("/", "-"))
            )
            zoned = read.tzinfo is not None
            at = (read if zoned else read.replace(tzinfo=UTC)).timestamp()
    except ValueError:
        with suppress(ValueError):
            at = math.nan if form else float(event.time)
    if abs(at) <= LAST:
        return at, zoned
    fix = f"it is not as {form} says" if form else "give the --time-format in which it is written"
    if abs(at) < math.inf:
        fix = f"it is beyond the year 9999: if it counts milliseconds, give --time-format {MILLISECONDS}"
    raise BadEventError(f"{place}: time {event.time!r:.60} cannot be read: {fix}")
