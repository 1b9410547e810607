"""`plandrift agent import events`: a process's event log as a change log."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.cli.options import names
from plandrift.sim import PlandriftError
from plandrift.worlds.logs.event_log import Columns, import_events


def import_events_command(
    source: Annotated[Path, typer.Argument(help="a .csv, .xes, .xes.gz, .json or .jsonocel file")],
    out: Annotated[Path, typer.Option(help="file to write the log to: .parquet, .csv or .jsonl")],
    case: Annotated[str | None, typer.Option(help="column with the case; not needed for XES")] = None,
    activity: Annotated[str | None, typer.Option(help="column with the activity; not needed for XES")] = None,
    time: Annotated[str | None, typer.Option(help="column with the time; not needed for XES")] = None,
    who: Annotated[str | None, typer.Option(help="column with who did it, if recorded")] = None,
    time_format: Annotated[
        str | None,
        typer.Option(help="format of the times, such as '%d-%m-%Y %H:%M', or ms; else ISO 8601 or seconds"),
    ] = None,
    start: Annotated[
        str | None, typer.Option(help="CSV column with the start time of each row's activity")
    ] = None,
    transition: Annotated[
        str | None, typer.Option(help="column with the lifecycle transition; not needed for XES")
    ] = None,
    transitions: Annotated[
        str | None,
        typer.Option(help="transitions to read, such as start,complete; else complete, and start if --start"),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help="COLUMN=VALUE or COLUMN=A,B: only events that have it; may be repeated"),
    ] = None,
    skip_bad_rows: Annotated[bool, typer.Option("--skip-bad-rows", help="go on without them")] = False,
    authors: Annotated[bool, typer.Option("--authors", help="keep real names instead of pseudonyms")] = False,
) -> None:
    """Import a process's event log as a change log.

    Each case is a fluent, and its value is the last activity completed. In an object-centric log (OCEL), each
    object is a fluent.

    Example, in a folder with the log.csv of a help desk:
      plandrift agent import events log.csv --case id --activity did --time at --out events.parquet
    """
    chosen = {}
    for one in where or ():
        column, equals, values = one.partition("=")
        if not (column and equals):
            raise PlandriftError(f"--where {one}: give COLUMN=VALUE, or COLUMN=A,B for any of several")
        chosen[column] = values.split(",")
    found = import_events(
        source,
        out,
        Columns(case, activity, time, who, start, transition, time_format, chosen),
        transitions=names(transitions or ""),
        names=authors,
        skip_bad_rows=skip_bad_rows,
    )
    begins, ends = (datetime.fromtimestamp(t, UTC).date() for t in (found.begins, found.ends))
    by = f" by {found.people} resource{'s' * (found.people != 1)}" if found.people else ""
    print(
        f"{out}: {found.changes} events of {found.cases} cases, {found.activities} activities{by}, "
        f"{begins} to {ends}"
    )
    if found.naive:
        print(f"{found.naive} times have no time zone, and are taken as UTC")
    if found.unfinished:
        print(f"{found.unfinished} events do not complete an activity, and are left out (see --transitions)")
    if found.whole_days:
        print("all times are whole days: the order within a day is the file's")
    if found.people == 2:
        print("two resources did everything: 'others' means the other of the two (see survival --writes-by)")
    if found.left_out:
        print(f"{found.left_out} events could not be read, and are left out")
