"""The trace of an episode: its events in order, kept in memory or written to a file and read back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from plandrift.sim.terms.calls import Call, Step, frozen
from plandrift.sim.terms.errors import PlandriftError
from plandrift.sim.terms.fluents import Reading
from plandrift.sim.terms.whole_file import whole_file
from plandrift.sim.trace.crew_events import CREW_KINDS
from plandrift.sim.trace.events import KINDS, Event

EVERY = KINDS | CREW_KINDS
"""Every kind of event, by its name in a file."""


class Trace:
    """The events of one episode, in order."""

    __slots__ = ("events",)

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, event: Event) -> None:
        """Append one event."""
        self.events.append(event)


def write_lines(events: Iterable[Event], path: Path) -> None:
    """Write events as JSON lines.

    Raises:
        PlandriftError: the file cannot be written.

    >>> import tempfile
    >>> from plandrift import run
    >>> from plandrift.policies import gated
    >>> from plandrift.worlds import Records
    >>> episode = run(Records(), gated(), trace=True)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_lines(episode.trace, Path(folder) / "trace.jsonl")
    ...     again = read_lines(Path(folder) / "trace.jsonl")
    >>> [event.kind for event in again[:3]], len(again) == len(episode.trace)
    (['start', 'replan-requested', 'plan'], True)
    """
    try:
        with whole_file(path) as beside, beside.open("w", encoding="utf-8") as file:
            for event in events:
                file.write(json.dumps(event.row()) + "\n")
    except OSError as error:
        raise PlandriftError(f"--trace {path}: {error.strerror}: give a path that can be written") from None


def read_lines(path: Path) -> tuple[Event, ...]:
    """Read events that `write_lines` wrote.

    Lists come back as tuples. Values of types that JSON lacks come back as the text they were written as.

    Raises:
        PlandriftError: the file cannot be read, or a line is not an event.

    >>> read_lines(Path("none.jsonl"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    plandrift.sim.terms.errors.PlandriftError: none.jsonl: No such file or directory: give a trace ...
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not in UTF-8"
        raise PlandriftError(f"{path}: {why}: give a trace that plandrift wrote") from None
    return tuple(_event(line, f"{path}:{number}") for number, line in enumerate(lines, 1))


def _event(line: str, place: str) -> Event:
    try:
        row = json.loads(line)
        kind = EVERY[row.pop("event")]
        made = {name: _value(name, value) for name, value in row.items()}
        # Older files lack the fields that have a default.
        named = {f.name: f.default is MISSING for f in fields(kind)}
        if not set(made) <= set(named) or any(needed and name not in made for name, needed in named.items()):
            raise ValueError(kind.kind)
        return kind(**made)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise PlandriftError(
            f"{place}: {line[:60]!r} is not an event: give a trace that plandrift wrote"
        ) from None


def _value(name: str, value: Any) -> Any:
    """Convert a field to the form that the event holds."""
    if value is None:
        return None
    if name in ("call", "planned"):
        return _call(value)
    if name == "steps":
        return tuple(
            Step(_call(s["call"]), _frozen_values(s["requires"]), _frozen_values(s["writes"])) for s in value
        )
    if name == "fluents" and isinstance(value, list):
        return tuple(Reading(fluent, frozen(held), version) for fluent, held, version in value)
    return _frozen_values(value) if isinstance(value, dict) else frozen(value)


def _call(value: dict[str, Any]) -> Call:
    return Call(value["action"], tuple((name, frozen(held)) for name, held in value["args"].items()))


def _frozen_values(values: dict[str, Any]) -> dict[str, Any]:
    return {name: frozen(held) for name, held in values.items()}
