"""The trace's events and their fields, from their classes; each with an example from a real trace."""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import fields
from itertools import chain
from typing import Any

from docs.making.markdown_table import code, markdown_table
from plandrift.policies import bounded, gated, read_back, warn
from plandrift.sim import Event, run
from plandrift.sim.trace.crew_events import CREW_KINDS
from plandrift.sim.trace.files import EVERY
from plandrift.worlds import Ledger, Records

FAULTS: dict[str, Any] = {
    "latency": 1.0,
    "thinking_time": 0.5,
    "slip": 0.1,
    "lost_ack": 0.1,
    "silent_success": 0.1,
    "read_latency": 0.2,
}
LONGEST = 600
"""How many characters of an example are shown."""


def trace_reference() -> str:
    """One section per event: when it occurs, its fields, and an example as it appears in a file."""
    shortest: dict[str, str] = {}
    alone = (
        event
        for policy in (read_back(), warn(), gated(if_match="value"), bounded(warn(), max_replans=1))
        for seed in range(6)
        for event in run(Records(volatility=0.1), policy, seed=seed, trace=True, **FAULTS).trace
    )
    crew: dict[str, Any] = {"agents": 4, "models": 2, "trace": True} | FAULTS
    together = (
        event
        for word in ("plan-lock", "merge-queue")
        for event in run(Ledger(tasks=12, shared=10), gated(), coordination=word, **crew).trace
        if event.kind in CREW_KINDS
    )
    for event in chain(alone, together):
        line = json.dumps(event.row())
        if len(line) < len(shortest.get(event.kind, line + " ")):
            shortest[event.kind] = line
    return "\n\n".join(_section(kind, shortest.get(kind, "")) for kind in EVERY)


def _section(kind: str, line: str) -> str:
    event = EVERY[kind]
    meanings = _meanings(event)
    rows = [
        (code(f.name), code(str(f.type).replace("|", "or")), meanings.get(f.name, "")) for f in fields(event)
    ]
    about = (inspect.getdoc(event) or "").partition("\nAttributes:")[0].strip()
    table = markdown_table(("field", "type", "meaning"), rows)
    shown = line if len(line) <= LONGEST else f"{line[:LONGEST]} …"
    example = f"\n```text\n{shown}\n```" if line else ""
    return f"## {kind}\n\n{about}\n\n{table}{example}"


def _meanings(event: type[Event]) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind in reversed(event.__mro__):
        text = (inspect.getdoc(kind) or "").partition("Attributes:\n")[2]
        pairs = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", text, re.MULTILINE)
        found |= {name: " ".join(meaning.split()).rstrip(".") for name, meaning in pairs}
    return found
