"""The trace: everything that happened in an episode, in order, enough to recompute each figure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sim.errors import PlandriftError

Event = dict[str, Any]


class Trace:
    """The events of one episode in order; each is a dict with `t`, `event` and the event's own fields."""

    __slots__ = ("events",)

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, t: float, event: str, **fields: Any) -> None:
        """Append one event."""
        self.events.append({"t": t, "event": event, **fields})


def plain(value: object) -> Any:
    """A value as JSON can hold it: tuples become lists, anything unknown its text, NaN null."""
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return str(value)


def write_lines(events: Iterable[Event], path: Path) -> None:
    """Write events as JSON lines.

    Raises:
        PlandriftError: the file cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8") as file:
            for event in events:
                file.write(json.dumps(plain(event)) + "\n")
    except OSError as error:
        raise PlandriftError(f"--trace {path}: {error.strerror}: give a path that can be written") from None
