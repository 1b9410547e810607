"""The event log of a process as a change log: a fluent a case, its value the activity that came last.

Two forms are read: CSV with named columns, and XES (IEEE 1849), plain or gzipped, of which case, activity,
time and resource are taken. XES has a reader here of a page, which keeps one event in memory at a time; the
libraries for process mining read whole logs into tables and bring a great deal along for that.
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
"""What XES calls them."""


@dataclass(frozen=True)
class Columns:
    """Which column, or key of XES, holds what; None takes XES's own, and is not enough for CSV.

    Attributes:
        case: which case an event belongs to.
        activity: what was done.
        time: when.
        who: by whom, if that is known.
        time_format: how times are written, as for `datetime.strptime`; ISO 8601 if None.
    """

    case: str | None = None
    activity: str | None = None
    time: str | None = None
    who: str | None = None
    time_format: str | None = None


class EventSummary(NamedTuple):
    """What was written.

    Attributes:
        changes: rows, an event each.
        cases: fluents.
        activities: different values.
        people: who did them.
        begins: time of the earliest, in seconds since 1970.
        ends: time of the latest.
    """

    changes: int
    cases: int
    activities: int
    people: int
    begins: float
    ends: float


class LoggedEvent(NamedTuple):
    """One event: where it stands, and what it says."""

    place: str
    case: str
    activity: str
    time: str
    who: str


def import_events(source: Path, out: Path, columns: Columns, *, names: bool = False) -> EventSummary:
    """Write an event log as a change log.

    Args:
        source: a .csv, .xes or .xes.gz file.
        out: ends in .parquet, .csv or .jsonl.
        columns: where case, activity, time and resource stand.
        names: write the resources' names; if not, pseudonyms.

    Raises:
        PlandriftError: a file or column is not there, or an event cannot be read; the line says where.
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
                raise PlandriftError(f"{source}: it has no events: nothing to import")
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
            raise PlandriftError(f"{source}: it is no XES: {error}: give an event log") from None


def _seconds(event: LoggedEvent, form: str | None, source: Path) -> float:
    if not event.case or not event.activity:
        missing = "case" if not event.case else "activity"
        raise PlandriftError(
            f"{source}: {event.place}: it has no {missing}: mend it, or name another --{missing}"
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
        fix = "give the --time-format in which it is written" if not form else f"it is not as {form} says"
        raise PlandriftError(f"{source}: {event.place}: time {event.time!r} cannot be read: {fix}") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
