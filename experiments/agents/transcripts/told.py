"""Rows from what a format says about each call: the part that is the same in every format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from plandrift.experiments.agents.transcripts.commands import command_kind, error_kind
from plandrift.experiments.agents.transcripts.digest import Names
from plandrift.experiments.agents.transcripts.knowledge import Knowledge, Touch
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.agents.transcripts.operation_buffer import MadeCall, OperationBuffer
from plandrift.experiments.agents.transcripts.shell_touches import may_read, shell_touches
from plandrift.experiments.agents.transcripts.to_dos import ToDos


@dataclass(frozen=True)
class Told:
    """What a format says about a call.

    Attributes:
        touches: what it read and wrote.
        command: what an opaque call ran; see `Operation.command`.
    """

    touches: list[Touch]
    command: str = ""


def shell_call(command: object) -> dict[str, Any]:
    """Return what is kept of a call that runs a shell command."""
    return {"command": command_kind(command) or "command", "shell": command, "input": {}}


def printed(kept: dict[str, Any], text: str) -> str:
    """Return what is kept of an answer's text: all that a plain read shows, else only its beginning."""
    return text if may_read(kept.get("shell")) else text[:500]


def rows_told(
    buffer: OperationBuffer, names: Names, mapping: Mapping, told: Callable[[MadeCall], Told]
) -> Iterator[Operation]:
    """Return the operations of the calls in a buffer.

    What is kept of a call holds `tool`, `asked`, `folder`, `input` and, for a shell command, what
    `shell_call` returns; what is kept of an answer holds `failed`, `text`, and `cut` if text is missing.
    """
    session, known, lists = None, Knowledge(names), ToDos()
    for call in buffer.made():
        if call.session != session:
            session, known, lists = call.session, Knowledge(names), ToDos()
        kept, answer = call.asked, call.answer or {}
        failed = bool(answer.get("failed"))
        made = call.answer is not None and not failed
        mapped = mapping.touches(kept["tool"], kept["input"], answer.get("text"))
        if mapped is not None:
            said = Told(mapped, kept.get("command", ""))
        elif "shell" in kept:
            text = None if answer.get("cut") else answer.get("text")
            ran = shell_touches(kept["shell"], kept["folder"], text, ok=made, trimmed=True)
            said = Told(ran.rows(), kept["command"] if ran.changing else "")
        else:
            said = told(call)
        plan = lists.said(call.agent, kept["tool"], kept["input"]) if made else ""
        for number, touch in enumerate(said.touches):
            yield known.row(
                call,
                touch,
                tool=kept["tool"],
                ok=made,
                error=error_kind(answer.get("text", "")) if failed else "",
                asked=kept["asked"] + f" {number}" * (number > 0 and "shell" in kept),
                command=said.command if touch.kind == "opaque" else "",
                plan=plan,
            )
