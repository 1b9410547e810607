"""The trace's events and their fields, from traces in which everything happens."""

from __future__ import annotations

import json
from typing import Any

from docs.making.markdown_table import code, markdown_table
from policies import bounded, read_back, warn
from sim import plain, run
from sim.trace import Event
from worlds import Records

FAULTS: dict[str, Any] = {
    "latency": 1.0, "thinking_time": 0.5, "slip": 0.1, "lost_ack": 0.1, "silent_success": 0.1,
    "read_latency": 0.2,
}  # fmt: skip


def trace_reference() -> str:
    """A section an event: its fields, their types, and one of it as it stands in a file."""
    seen: dict[str, list[Event]] = {}
    for policy in (read_back(), warn(), bounded(warn(), max_replans=1)):
        for seed in range(4):
            for event in run(Records(volatility=0.1), policy, seed=seed, trace=True, **FAULTS).trace:
                seen.setdefault(event["event"], []).append(event)
    return "\n\n".join(_section(kind, events) for kind, events in sorted(seen.items()))


def _section(kind: str, events: list[Event]) -> str:
    types: dict[str, set[str]] = {}
    for event in events:
        for name, value in plain(event).items():
            types.setdefault(name, set()).add(_kind(value))
    rows = [(code(n), ", ".join(sorted(t))) for n, t in types.items() if n != "event"]
    shortest = min((json.dumps(plain(e)) for e in events), key=len)
    return f"## {kind}\n\n{markdown_table(('field', 'JSON type'), rows)}\n```json\n{shortest}\n```"


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    kinds = {int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return kinds[type(value)]
