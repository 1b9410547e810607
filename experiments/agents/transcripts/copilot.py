"""Event files of GitHub Copilot CLI: a call is one event, and its result another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from plandrift.experiments.agents.transcripts.digest import Names, asked_hash, path_of
from plandrift.experiments.agents.transcripts.format import Format, Head
from plandrift.experiments.agents.transcripts.knowledge import Replacement, Touch
from plandrift.experiments.agents.transcripts.lines import Source, json_object, objects, seconds
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.agents.transcripts.operation_buffer import MadeCall, OperationBuffer
from plandrift.experiments.agents.transcripts.patches import difference, file_patches, old_lines
from plandrift.experiments.agents.transcripts.told import Told, rows_told, shell_call

_EXIT = re.compile(r"\n?<(?:shellId: \S+ completed|exited) with exit code (-?\d+)>\s*\Z")
_NUMBERED = re.compile(r"(\d+)\.(?: (.*))?")


def gather(
    files: Iterable[Source], buffer: OperationBuffer, progress: Callable[[int], None] | None = None
) -> None:
    """Read event files into a buffer."""
    session, folder, source = "unknown", "", None
    for file, event in objects(files, buffer.summary, progress):
        if file is not source:
            session, folder, source = file.name, "", file
        kind, data, time = event.get("type"), event.get("data"), seconds(event.get("timestamp"))
        if not isinstance(data, dict) or not isinstance(kind, str):
            buffer.summary.troubles["events of another shape"] += 1
        elif kind == "session.start":
            session = str(data.get("sessionId") or session)
            context = data.get("context")
            folder = str(context.get("cwd") or "") if isinstance(context, dict) else ""
            buffer.release = str(data.get("copilotVersion") or "")
        elif kind not in ("user.message", "tool.execution_start", "tool.execution_complete"):
            continue
        elif time is None:
            buffer.summary.troubles["events without a time"] += 1
        elif kind == "user.message":
            if not event.get("agentId"):
                buffer.prompt(session, time)
        elif kind == "tool.execution_start":
            _call(data, session, str(event.get("agentId") or ""), folder, time, buffer)
        else:
            _answer(data, session, time, buffer)


def _call(
    data: dict[str, Any], session: str, agent: str, folder: str, time: float, buffer: OperationBuffer
) -> None:
    id, tool, given = data.get("toolCallId"), data.get("toolName"), json_object(data.get("arguments"))
    if not isinstance(id, str) or not isinstance(tool, str):
        buffer.summary.troubles["calls of another shape"] += 1
        return
    if tool == "report_intent":
        # It only announces what comes next.
        return
    kept: dict[str, Any] = {
        "tool": tool,
        "asked": asked_hash(tool, given),
        "folder": folder,
        "input": given if isinstance(given, dict) else {"input": given},
    }
    if tool == "bash":
        kept |= shell_call(kept["input"].get("command"))
    elif tool == "task":
        kept["command"] = "agent"
    buffer.call(session, agent, id, time, kept)


def _answer(data: dict[str, Any], session: str, time: float, buffer: OperationBuffer) -> None:
    id, result, error = data.get("toolCallId"), data.get("result"), data.get("error")
    if not isinstance(id, str):
        buffer.summary.troubles["answers of another shape"] += 1
        return
    result = result if isinstance(result, dict) else {}
    error = error if isinstance(error, dict) else {}
    text = str(result.get("content") or error.get("message") or "")
    ended = _EXIT.search(text)
    answer = {"failed": data.get("success") is False or (ended is not None and ended[1] != "0"), "text": text}
    if ended is not None:
        answer["text"] = text[: ended.start()]
    else:
        # A command without this mark is still running; other tools have none.
        answer["cut"] = True
    telemetry = data.get("toolTelemetry")
    metrics = telemetry.get("metrics") if isinstance(telemetry, dict) else None
    if isinstance(metrics, dict):
        answer["whole"] = metrics.get("resultLength") == metrics.get("resultForLlmLength")
    detail = result.get("detailedContent")
    if isinstance(detail, str) and ended is None:
        # A view's detail repeats its content.
        answer["detail"] = detail[:20_000]
    buffer.answer(session, id, time, answer)


def printed_by(text: str) -> str | None:
    """Return what a command printed, from the tool's answer; None if it is still running."""
    ended = _EXIT.search(text)
    return None if ended is None else text[: ended.start()]


def rows(buffer: OperationBuffer, names: Names, mapping: Mapping) -> Iterator[Operation]:
    """Return the operations of the calls in a buffer filled by `gather`."""
    return rows_told(
        buffer, names, mapping, lambda call: Told(touches_of(call), call.asked.get("command", ""))
    )


def touches_of(call: MadeCall) -> list[Touch]:
    """Return what a call of one of Copilot CLI's own tools did to files."""
    kept, answer = call.asked, call.answer or {}
    tool, given, folder = kept["tool"], kept["input"], kept["folder"]
    if tool == "apply_patch":
        text = next((value for value in given.values() if isinstance(value, str)), "")
        return [
            Touch("write", path_of(p.path, folder) or "", replaced=p.replaced or (Replacement("", ""),))
            for p in file_patches(text)
        ] or [Touch("opaque")]
    path = path_of(given.get("path"), folder)
    if path is None or tool not in ("view", "edit", "create"):
        return [Touch("opaque")]
    detail = str(answer.get("detail") or "")
    if tool == "view":
        return [_read(path, given, answer)]
    if tool == "create":
        text = given.get("file_text")
        known = isinstance(text, str)
        new = "\ncreate file mode " in detail[:2000]
        return [Touch("write", path, before_known=new, after=text if known else None, after_known=known)]
    old, new_text = given.get("old_str"), given.get("new_str")
    asked = Replacement(old, new_text) if isinstance(old, str) and isinstance(new_text, str) else None
    return [
        Touch(
            "write",
            path,
            replaced=(asked or Replacement("", ""),),
            span=difference(detail)[1],
            hunks=old_lines(detail),
        )
    ]


def _read(path: str, given: dict[str, Any], answer: dict[str, Any]) -> Touch:
    lines = str(answer.get("text") or "").split("\n")
    matched = [m for m in map(_NUMBERED.fullmatch, lines) if m is not None]
    first = int(matched[0][1]) if matched else 1
    if answer.get("failed") or [int(m[1]) for m in matched] != list(range(first, first + len(lines))):
        # A folder, an image, or lines that were cut.
        return Touch("read", path) if matched or answer.get("failed") else Touch("opaque")
    whole = first == 1 and not given.get("view_range") and answer.get("whole") is True
    return Touch("read", path, "\n".join(m[2] or "" for m in matched), start=first, whole=whole)


def _fits(head: Head) -> bool:
    return any(
        isinstance(held.get("data"), dict) and "parentId" in held and "." in str(held.get("type"))
        for held in head.objects()
    )


FORMAT = Format("copilot", "Copilot CLI event files", "events.jsonl", (".jsonl",), gather, rows, _fits)
