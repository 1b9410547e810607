"""The event log of a process as a change log: one fluent per case, whose value is the latest activity.

Two formats are read: CSV with named columns, and XES (IEEE 1849), plain or gzipped, from which case,
activity, time and resource are taken. The short XES reader in this file keeps one event in memory at a time;
process mining libraries read whole logs into tables and need many dependencies for that.
"""

from __future__ import annotations

import csv
import gzip
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from plandrift.sim import PlandriftError
from plandrift.sim.terms.errors import nearest
from plandrift.worlds.logs.change_log import COLUMNS
from plandrift.worlds.logs.git_history import check_out, write_log

XES = {"case": "concept:name", "activity": "concept:name", "time": "time:timestamp", "who": "org:resource"}
"""The standard XES keys of case, activity, time and resource."""


@dataclass(frozen=True)
class Columns:
    """The columns, or XES keys, to read; None means the standard XES key and is not allowed for CSV.

    Attributes:
        case: the column of the case that an event belongs to.
        activity: the column of the activity.
        time: the column of the time.
        who: the column of the person or resource, if there is one.
        time_format: the format of times, as for `datetime.strptime`; ISO 8601 if None.
    """

    case: str | None = None
    activity: str | None = None
    time: str | None = None
    who: str | None = None
    time_format: str | None = None


class EventSummary(NamedTuple):
    """A summary of an imported event log.

    Attributes:
        changes: the number of rows, one per event.
        cases: the number of cases, which are the fluents.
        activities: the number of different activities, which are the values.
        people: the number of different people.
        begins: the time of the first event, in seconds since 1970.
        ends: the time of the last event.
    """

    changes: int
    cases: int
    activities: int
    people: int
    begins: float
    ends: float


class LoggedEvent(NamedTuple):
    """One event: its place in the file, and its contents."""

    place: str
    case: str
    activity: str
    time: str
    who: str


def import_events(source: Path, out: Path, columns: Columns, *, names: bool = False) -> EventSummary:
    """Write an event log as a change log.

    Args:
        source: a .csv, .xes or .xes.gz file.
        out: a path ending in .parquet, .csv or .jsonl.
        columns: the columns of case, activity, time and resource.
        names: write the real names of the resources instead of pseudonyms.

    Raises:
        PlandriftError: a file or column is missing, or an event cannot be read; the message says where.
    """
    check_out(out)
    cases, activities, people = set[str](), set[str](), dict[str, str]()
    changes, begins, ends = 0, float("inf"), float("-inf")
    try:
        with tempfile.TemporaryDirectory(prefix="plandrift-") as folder:
            rows = Path(folder) / "rows.csv"
            with rows.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(COLUMNS)
                for event in _events(source, columns):
                    at = _seconds(event, columns.time_format, source)
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
    return EventSummary(changes, len(cases), len(activities), len(people), begins, ends)


def _events(source: Path, columns: Columns) -> Iterator[LoggedEvent]:
    if source.name.endswith((".xes", ".xes.gz")):
        return _of_xes(source, columns)
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
    with source.open(newline="", encoding="utf-8-sig", errors="replace") as file:
        first = file.readline()
        file.seek(0)
        reader = csv.DictReader(file, delimiter=";" if first.count(";") > first.count(",") else ",")
        known = list(reader.fieldnames or ())
        for option, name in wanted.items():
            if name not in known:
                raise PlandriftError(
                    f"--{option} {name}: {source} has no such column: {nearest(str(name), known)}"
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


def _of_xes(source: Path, columns: Columns) -> Iterator[LoggedEvent]:
    keys = {name: getattr(columns, name) or key for name, key in XES.items()}
    case, trace, number = "", 0, 0
    with gzip.open(source) if source.suffix == ".gz" else source.open("rb") as file:
        path: list[str] = []
        try:
            for kind, node in ElementTree.iterparse(file, events=("start", "end")):
                tag = node.tag.rpartition("}")[2]
                if kind == "start":
                    path.append(tag)
                    if tag == "trace":
                        trace, case = trace + 1, ""
                    continue
                path.pop()
                if path and path[-1] == "trace" and node.get("key") == keys["case"]:
                    case = node.get("value", "")
                if tag == "event":
                    number += 1
                    held = {child.get("key"): child.get("value", "") for child in node}
                    said = (held.get(keys[name], "") for name in ("activity", "time", "who"))
                    yield LoggedEvent(f"event {number}", case or f"trace-{trace}", *said)
                if tag in ("event", "trace"):
                    node.clear()
        except ElementTree.ParseError as error:
            raise PlandriftError(f"{source}: not an XES file: {error}: give an event log") from None


def _seconds(event: LoggedEvent, form: str | None, source: Path) -> float:
    if not event.case or not event.activity:
        missing = "case" if not event.case else "activity"
        raise PlandriftError(
            f"{source}: {event.place}: there is no {missing}: correct it, or name another --{missing}"
        )
    try:
        at = (
            datetime.strptime(event.time, form)
            if form
            else datetime.fromisoformat(event.time.replace("/", "-"))
        )
    except ValueError:
        if not form:
            try:
                return float(event.time)
            except ValueError:
                pass
        fix = "give the --time-format in which it is written" if not form else f"it does not match {form}"
        raise PlandriftError(f"{source}: {event.place}: time {event.time!r} cannot be read: {fix}") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
