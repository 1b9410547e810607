"""Spans of OpenTelemetry's GenAI conventions, or any JSON lines; a mapping says what a tool reads and writes.

A span is one object per line: either as collectors write them (`resourceSpans` of OTLP JSON), or one span
per line with `attributes` as an object or as a list of keys and values. Only `execute_tool` spans are calls.
If the mapping has `[fields]`, a line may hold its name, id, times, session, arguments and result anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from plandrift.experiments.agents.transcripts.commands import error_kind
from plandrift.experiments.agents.transcripts.digest import Names, asked_hash
from plandrift.experiments.agents.transcripts.format import Format, Head
from plandrift.experiments.agents.transcripts.knowledge import Knowledge, Touch
from plandrift.experiments.agents.transcripts.lines import Source, json_object, objects, seconds
from plandrift.experiments.agents.transcripts.mapping import Mapping, at_place
from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.agents.transcripts.operation_buffer import OperationBuffer

ENDINGS = (".jsonl", ".json", ".ndjson")
_NAMES = {
    "tool": ("gen_ai.tool.name",),
    "id": ("gen_ai.tool.call.id",),
    "session": ("gen_ai.conversation.id", "session.id"),
    "agent": ("gen_ai.agent.id", "gen_ai.agent.name"),
    "arguments": ("gen_ai.tool.call.arguments",),
    "result": ("gen_ai.tool.call.result",),
    "error": ("error.type",),
}


def gather(
    files: Iterable[Source], buffer: OperationBuffer, progress: Callable[[int], None] | None = None
) -> None:
    """Read spans into a buffer; their meaning is left to `rows`, which has the mapping."""
    for source, line in objects(files, buffer.summary, progress):
        for number, span in enumerate(_spans(line)):
            buffer.call(source.name, "", f"{buffer.summary.size} {number}", 0.0, {"span": span})
            buffer.answer(source.name, f"{buffer.summary.size} {number}", 0.0, {})


def _spans(line: dict[str, Any]) -> list[dict[str, Any]]:
    made = []
    resources = line.get("resourceSpans")
    if not isinstance(resources, list):
        return [line]
    for resource in resources:
        for scope in _list(resource, "scopeSpans"):
            made += [span for span in _list(scope, "spans") if isinstance(span, dict)]
    return made


def _list(held: Any, name: str) -> list[Any]:
    found = held.get(name) if isinstance(held, dict) else None
    return found if isinstance(found, list) else []


def rows(buffer: OperationBuffer, names: Names, mapping: Mapping) -> Iterator[Operation]:
    """Return the operations of the spans in a buffer filled by `gather`."""
    summary = buffer.summary
    with OperationBuffer(summary, buffer.program) as ordered:
        for call in buffer.made():
            _ordered(call.asked["span"], call.session, mapping, ordered)
        summary.troubles.pop("calls without an answer", None)
        session, known = None, Knowledge(names)
        for call in ordered.made():
            if call.session != session:
                session, known = call.session, Knowledge(names)
            kept, answer = call.asked, call.answer or {}
            error = answer.get("error")
            touches = mapping.touches(kept["tool"], kept["arguments"], answer.get("result"))
            if touches is None:
                summary.troubles[f"calls of {kept['tool']}, which the mapping does not name"] += 1
            for touch in touches if touches is not None else [Touch("opaque")]:
                yield known.row(
                    call,
                    touch,
                    tool=kept["tool"],
                    ok=call.answer is not None and not error,
                    error=error_kind(str(error)) if error else "",
                    asked=asked_hash(kept["tool"], kept["arguments"]),
                    command="command" if touch.kind == "opaque" else "",
                )


def _ordered(span: dict[str, Any], source: str, mapping: Mapping, ordered: OperationBuffer) -> None:
    attributes = _attributes(span.get("attributes"))

    def held(name: str) -> Any:
        place = mapping.fields.get(name)
        if place is not None:
            return at_place(span, place)
        return next((attributes[key] for key in _NAMES.get(name, ()) if key in attributes), None)

    operation = attributes.get("gen_ai.operation.name")
    tool = held("tool")
    if not isinstance(tool, str):
        if operation == "execute_tool" or mapping.fields:
            ordered.summary.troubles["calls of another shape"] += 1
        return
    if operation not in (None, "execute_tool"):
        return
    start, end = (
        _nanoseconds(span, key)
        if mapping.fields.get(name) is None
        else seconds(at_place(span, mapping.fields[name]))
        for name, key in (("start", "startTimeUnixNano"), ("end", "endTimeUnixNano"))
    )
    if start is None:
        ordered.summary.troubles["events without a time"] += 1
        return
    session = str(held("session") or span.get("traceId") or source)
    id = str(held("id") or span.get("spanId") or f"{tool} {start}")
    agent = str(held("agent") or "")
    ordered.call(session, agent, id, start, {"tool": tool, "arguments": json_object(held("arguments"))})
    if end is not None:
        error = held("error")
        status = span.get("status")
        if not error and isinstance(status, dict) and status.get("code") in (2, "STATUS_CODE_ERROR", "ERROR"):
            error = status.get("message") or "error"
        ordered.answer(session, id, end, {"result": json_object(held("result")), "error": error})


def _nanoseconds(span: dict[str, Any], key: str) -> float | None:
    for name in (key, key.replace("TimeUnixNano", "_time_unix_nano"), key.replace("TimeUnixNano", "_time")):
        value = span.get(name)
        if isinstance(value, str) and value.isdigit():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            # Kept apart, so that nanoseconds are not rounded before they become seconds.
            return value // 10**9 + value % 10**9 / 1e9 if value > 1e17 else seconds(value)
        if value is not None:
            return seconds(value)
    return None


def _attributes(held: object) -> dict[str, Any]:
    if isinstance(held, dict):
        return held
    made = {}
    for one in held if isinstance(held, list) else ():
        if isinstance(one, dict) and isinstance(one.get("value"), dict) and one["value"]:
            made[str(one.get("key"))] = next(iter(one["value"].values()))
    return made


def _fits(head: Head) -> bool:
    return any("resourceSpans" in held or {"spanId", "traceId"} <= held.keys() for held in head.objects())


FORMAT = Format("otel", "OpenTelemetry GenAI spans", "spans.jsonl", ENDINGS, gather, rows, _fits)
