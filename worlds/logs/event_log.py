"""The event log of a process as a change log: one fluent per case, whose value is the latest activity.

Three forms are read: CSV with named columns; XES (IEEE 1849), plain or gzipped; and object-centric logs
(OCEL) in JSON, whose fluents are the objects: an event is one change set of all objects that it concerns.

If an activity is logged several times (when it starts, is suspended, completes), it is one change: its
completion. Other transitions are read on demand; the value is then ``activity+transition``.
"""

from __future__ import annotations

import csv
import math
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from plandrift.sim import PlandriftError
from plandrift.sim.terms.errors import nearest
from plandrift.worlds.logs.change_log import COLUMNS
from plandrift.worlds.logs.git_history import DAY, LAST, check_out, write_log
from plandrift.worlds.logs.ocel import is_ocel, ocel_events
from plandrift.worlds.logs.xes import KEYS, xes_events

MILLISECONDS = "ms"
"""The format of times that count milliseconds since 1970."""
START, COMPLETE = "start", "complete"
"""The transitions with which an activity begins and ends."""


@dataclass(frozen=True)
class Columns:
    """The columns, or XES keys, to read; None means the standard XES key, or in a CSV file no column.

    Attributes:
        case: which case an event belongs to.
        activity: what was done.
        time: when; for a row with a `start`, when it was completed.
        who: by whom, if that is known.
        start: in a CSV file, when it began: the row is two events, its start and, unless that has no time,
            its completion.
        transition: which lifecycle transition an event is, such as start or complete.
        time_format: the format of times, as for `datetime.strptime`, or `ms` for milliseconds since
            1970; if None, ISO 8601 or seconds since 1970.
        where: for each column or XES key, the values allowed; other events are left out.
    """

    case: str | None = None
    activity: str | None = None
    time: str | None = None
    who: str | None = None
    start: str | None = None
    transition: str | None = None
    time_format: str | None = None
    where: Mapping[str, Collection[str]] = field(default_factory=dict)


class EventSummary(NamedTuple):
    """A summary of an imported event log.

    Attributes:
        changes: rows, one per event.
        cases: fluents.
        activities: different values.
        people: how many different people did them.
        begins: time of the earliest event, in seconds since 1970.
        ends: time of the latest event.
        left_out: events that could not be read.
        naive: how many times had no time zone, and were taken as UTC.
        unfinished: events left out because they do not complete an activity.
        whole_days: whether every time is a date without a time of day.
    """

    changes: int
    cases: int
    activities: int
    people: int
    begins: float
    ends: float
    left_out: int
    naive: int
    unfinished: int
    whole_days: bool


class LoggedEvent(NamedTuple):
    """One event of one case: its place in the file, and its contents."""

    place: str
    case: str
    activity: str
    time: str
    who: str = ""
    transition: str = ""


class BadEventError(PlandriftError):
    """An event that cannot be read."""


def import_events(
    source: Path,
    out: Path,
    columns: Columns,
    *,
    transitions: Collection[str] = (),
    names: bool = False,
    skip_bad_rows: bool = False,
) -> EventSummary:
    """Write an event log as a change log.

    Args:
        source: a .csv, .xes, .xes.gz, .json or .jsonocel file.
        out: ends in .parquet, .csv or .jsonl.
        columns: where case, activity, time and resource are found.
        transitions: which transitions are changes; if none are given, completions, and starts if
            `columns` says when a row began.
        names: write the resources' real names instead of pseudonyms.
        skip_bad_rows: skip the events that cannot be read.

    Raises:
        PlandriftError: a file or column is missing, or an event cannot be read; the message says where.
    """
    check_out(out)
    taken = {one.lower() for one in transitions} or {COMPLETE, *([START] if columns.start else ())}
    cases, activities, people, dropped = set[str](), set[str](), dict[str, str](), set[str]()
    changes, begins, ends, left_out, naive, unfinished = 0, float("inf"), float("-inf"), 0, 0, 0
    sets, last, whole_days = 0, ("", ""), True
    try:
        with tempfile.TemporaryDirectory(prefix="plandrift-") as folder:
            rows = Path(folder) / "rows.csv"
            with rows.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(COLUMNS)
                for event in _events(source, columns):
                    transition = event.transition.lower() or COMPLETE
                    if transition not in taken:
                        unfinished += 1
                        dropped.add(transition)
                        continue
                    try:
                        at, zoned = _seconds(event, columns.time_format, source)
                    except BadEventError as error:
                        if not skip_bad_rows:
                            raise PlandriftError(f"{error}, or skip it with --skip-bad-rows") from None
                        left_out += 1
                        continue
                    naive += not zoned
                    whole_days = whole_days and at % DAY == 0
                    who = people.setdefault(event.who, f"resource-{len(people) + 1}") if event.who else ""
                    changes, sets = changes + 1, sets + ((event.place, transition) != last)
                    last = event.place, transition
                    value = event.activity if transition == COMPLETE else f"{event.activity}+{transition}"
                    writer.writerow((at, event.case, value, sets, event.who if names else who))
                    cases.add(event.case)
                    activities.add(value)
                    begins, ends = min(begins, at), max(ends, at)
            if not changes:
                fix = (
                    f"read other transitions with --transitions {','.join(sorted(dropped))}"
                    if dropped
                    else "nothing to import"
                )
                raise PlandriftError(f"{source}: there are no events: {fix}")
            write_log(rows, out, time="DOUBLE")
    except OSError as error:
        raise PlandriftError(f"{error.filename or source}: {error.strerror}: give an event log") from None
    counts = changes, len(cases), len(activities), len(people)
    return EventSummary(*counts, begins, ends, left_out, naive, unfinished, whole_days)


def _events(source: Path, columns: Columns) -> Iterator[LoggedEvent]:
    if is_ocel(source):
        return _of_ocel(source, columns)
    if source.name.endswith((".xes", ".xes.gz")):
        keys = {name: getattr(columns, name) or key for name, key in KEYS.items()}
        found = xes_events(source, keys)
        return (LoggedEvent(place, **said) for place, said, held in found if _chosen(held, columns))
    if source.suffix == ".csv":
        return _of_csv(source, columns)
    raise PlandriftError(f"{source}: give a .csv, .xes, .xes.gz, .json or .jsonocel file")


def _chosen(held: Mapping[str, str | None], columns: Columns) -> bool:
    return all((held.get(key) or "").strip() in values for key, values in columns.where.items())


def _of_ocel(source: Path, columns: Columns) -> Iterator[LoggedEvent]:
    for event in ocel_events(source):
        if _chosen(event.said, columns):
            who = event.said.get(columns.who or "resource", "")
            for one in event.objects:
                yield LoggedEvent(f"event {event.name}", one, event.activity, event.time, who)


def _of_csv(source: Path, columns: Columns) -> Iterator[LoggedEvent]:
    wanted = {"case": columns.case, "activity": columns.activity, "time": columns.time}
    for option, name in wanted.items():
        if name is None:
            raise PlandriftError(f"{source}: --{option} is not given: name the column that holds it")
    optional = {"who": columns.who, "start": columns.start, "transition": columns.transition}
    wanted |= {option: name for option, name in optional.items() if name is not None}
    try:
        with source.open(newline="", encoding="utf-8-sig") as file:
            first = file.readline()
            file.seek(0)
            reader = csv.DictReader(file, delimiter=max(",;\t", key=first.count))
            known = list(reader.fieldnames or ())
            for option, name in (*wanted.items(), *(("where", key) for key in columns.where)):
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
                if not _chosen(row, columns):
                    continue
                found = {option: (row[str(name)] or "").strip() for option, name in wanted.items()}
                start = found.pop("start", "")
                event = LoggedEvent(f"line {reader.line_num}", **found)
                begun = start and event.transition.lower() in ("", COMPLETE)
                if begun:
                    yield event._replace(time=start, transition=START)
                if event.time or not begun:
                    yield event
    except UnicodeDecodeError:
        raise PlandriftError(f"{source}: it is not UTF-8 text: save it as UTF-8") from None
    except csv.Error as error:
        raise PlandriftError(f"{source}: it is not CSV: {error}: give an event log") from None


def _seconds(event: LoggedEvent, form: str | None, source: Path) -> tuple[float, bool]:
    """Return the time of an event, and whether it has a time zone."""
    place = f"{source}: {event.place}"
    if not event.case or not event.activity:
        missing = "case" if not event.case else "activity"
        raise BadEventError(f"{place}: it has no {missing}: correct it, name another --{missing}")
    if not event.time:
        raise BadEventError(f"{place}: it has no time: correct it")
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
    fix = f"it does not match {form}" if form else "give its --time-format"
    if abs(at) < math.inf:
        fix = f"it is beyond the year 9999: if it counts milliseconds, give --time-format {MILLISECONDS}"
    raise BadEventError(f"{place}: time {event.time!r:.60} cannot be read: {fix}")
