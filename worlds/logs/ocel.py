"""The events of object-centric logs (OCEL 1.0 and 2.0) in JSON, each with all objects that it concerns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from plandrift.sim import PlandriftError

MOST = 200 << 20
"""The greatest size in bytes of a file, because it is read into memory at once."""
HEAD = 4096
"""How many bytes at the beginning of a file are searched for its format."""
MARKS = (b"ocel", b"object-types", b"objectTypes", b"eventTypes")


class ObjectEvent(NamedTuple):
    """One event: its name, the objects that it concerns, and its attributes."""

    name: str
    objects: list[str]
    activity: str
    time: str
    said: dict[str, str]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def is_ocel(source: Path) -> bool:
    """Return whether a file is an object-centric log, in JSON or any other format.

    Raises:
        OSError: it cannot be read.
    """
    with source.open("rb") as file:
        head = file.read(HEAD)
    sqlite = head.startswith(b"SQLite format 3")
    return source.suffix != ".csv" and (sqlite or any(mark in head for mark in MARKS))


def ocel_events(source: Path) -> Iterator[ObjectEvent]:
    """Yield the events of an object-centric log.

    Raises:
        PlandriftError: it is not in JSON, too large, or damaged.
    """
    what = f"{source}: it is an object-centric log (OCEL), whose events belong to several objects"
    if source.suffix not in (".json", ".jsonocel") or source.stat().st_size > MOST:
        raise PlandriftError(
            f"{what}: give it as .json or .jsonocel of at most {MOST >> 20} MB, or flattened to one kind of "
            "object as .csv or .xes"
        )
    try:
        log: dict[str, Any] = json.loads(source.read_bytes())
        if "ocel:events" in log:
            for name, event in log["ocel:events"].items():
                said = {key: _text(value) for key, value in event.get("ocel:vmap", {}).items()}
                objects = [_text(one) for one in event["ocel:omap"]]
                activity, time = _text(event["ocel:activity"]), _text(event["ocel:timestamp"])
                yield ObjectEvent(name, objects, activity, time, said)
            return
        for event in log.get("events", ()):
            said = {_text(one["name"]): _text(one["value"]) for one in event.get("attributes", ())}
            objects = list(dict.fromkeys(_text(one["objectId"]) for one in event.get("relationships", ())))
            activity, time = _text(event["type"]), _text(event["time"])
            yield ObjectEvent(_text(event["id"]), objects, activity, time, said)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PlandriftError(f"{what}, and damaged ({error!r:.80}): export it again") from None
