"""`plandrift agent import events`: a process's event log as a change log."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from plandrift.worlds.logs.event_log import Columns, import_events


def import_events_command(
    source: Annotated[Path, typer.Argument(help="a .csv, .xes or .xes.gz file")],
    out: Annotated[Path, typer.Option(help="file to write the log to: .parquet, .csv or .jsonl")],
    case: Annotated[str | None, typer.Option(help="column with the case; not needed for XES")] = None,
    activity: Annotated[str | None, typer.Option(help="column with the activity; not needed for XES")] = None,
    time: Annotated[str | None, typer.Option(help="column with the time; not needed for XES")] = None,
    who: Annotated[str | None, typer.Option(help="column with who did it, if recorded")] = None,
    time_format: Annotated[
        str | None,
        typer.Option(help="format of the times, such as '%d-%m-%Y %H:%M'; ISO 8601 if not given"),
    ] = None,
    authors: Annotated[bool, typer.Option("--authors", help="keep real names instead of pseudonyms")] = False,
) -> None:
    """Import a process's event log as a change log.

    Each case is a fluent; its value is the last activity.

    Example, in a folder with the log.csv of a help desk:
      plandrift agent import events log.csv --case id --activity did --time at --out events.parquet
    """
    found = import_events(source, out, Columns(case, activity, time, who, time_format), names=authors)
    begins, ends = (datetime.fromtimestamp(t, UTC).date() for t in (found.begins, found.ends))
    by = f" by {found.people} resource{'s' * (found.people != 1)}" if found.people else ""
    print(
        f"{out}: {found.changes} events of {found.cases} cases, {found.activities} activities{by}, "
        f"{begins} to {ends}"
    )
