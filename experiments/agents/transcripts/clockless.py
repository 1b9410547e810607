"""Trajectories without times, each of one agent alone in a container."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.agents.transcripts.operation_buffer import OperationBuffer


def without_clock(buffer: OperationBuffer) -> None:
    """Count a transcript of which only the order of events is known."""
    buffer.summary.notes[
        "transcripts have no times: only the order of events is known, and ages mean nothing"
    ] += 1


def contained(rows: Iterator[Operation]) -> Iterator[Operation]:
    """Yield rows with a separate set of fluents per session: equal paths are in different containers."""
    for row in rows:
        yield replace(row, fluent=f"{row.session}:{row.fluent}") if row.fluent else row
