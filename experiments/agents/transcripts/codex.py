"""Rollout files of Codex: shell commands are opaque, patches are writes, `update_plan` is a plan.

What a patch says about the old content (its context and removed lines) is ground truth for that region
only. The whole content is known only for a file that was added.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from plandrift.experiments.agents.transcripts.commands import command_kind, error_kind
from plandrift.experiments.agents.transcripts.digest import Names, asked_hash, path_of
from plandrift.experiments.agents.transcripts.knowledge import Knowledge, Replacement, Touch
from plandrift.experiments.agents.transcripts.lines import Source, objects, seconds
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.agents.transcripts.operation_buffer import MadeCall, OperationBuffer
from plandrift.experiments.agents.transcripts.patches import FilePatch, difference, file_patches
from plandrift.experiments.agents.transcripts.to_dos import ToDos

ENDINGS = (".jsonl",)
SHELLS = {
    "shell",
    "exec_command",
    "local_shell_call",
    "container.exec",
    "unified_exec",
    "shell_command",
    "write_stdin",
}


def gather(
    files: Iterable[Source], buffer: OperationBuffer, progress: Callable[[int], None] | None = None
) -> None:
    """Read rollout files into a buffer."""
    session, folder, source = "unknown", "", None
    # What a patch did is in an event of its own, before or after the call's output.
    for file, event in objects(files, buffer.summary, progress):
        if file is not source:
            session, folder, source = file.name, "", file
        payload = event.get("payload")
        if not isinstance(payload, dict):
            # The oldest rollouts have no envelope.
            payload = event
        kind, time = payload.get("type"), seconds(event.get("timestamp") or payload.get("timestamp"))
        if event.get("type") == "session_meta" or ("id" in event and "instructions" in event):
            session = str(payload.get("id") or session)
            folder = str(payload.get("cwd") or folder)
        elif event.get("type") == "turn_context":
            folder = str(payload.get("cwd") or folder)
        elif time is None:
            if kind in ("function_call", "custom_tool_call", "function_call_output"):
                buffer.summary.troubles["events without a time"] += 1
        elif kind == "user_message":
            buffer.prompt(session, time)
        elif event.get("type") == "compacted":
            _compacted(payload, session, time, buffer)
        elif kind in ("function_call", "custom_tool_call", "local_shell_call"):
            _call(payload, session, folder, time, buffer)
        elif kind in ("function_call_output", "custom_tool_call_output"):
            _output(payload, session, time, buffer)
        elif kind == "patch_apply_end":
            _patched(payload, session, folder, time, buffer)


def _call(payload: dict[str, Any], session: str, folder: str, time: float, buffer: OperationBuffer) -> None:
    id = payload.get("call_id") or payload.get("id")
    tool = payload.get("name") or payload.get("type")
    if not isinstance(id, str) or not isinstance(tool, str):
        buffer.summary.troubles["calls of another shape"] += 1
        return
    given: Any = payload.get("arguments", payload.get("input", payload.get("action")))
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            given = {"input": given}
    given = given if isinstance(given, dict) else {"input": given}
    kept: dict[str, Any] = {"tool": tool, "asked": asked_hash(tool, given), "folder": folder}
    command = given.get("command", given.get("cmd"))
    text = " ".join(map(str, command)) if isinstance(command, list) else command
    if isinstance(given.get("workdir"), str):
        kept["folder"] = given["workdir"]
    if tool in SHELLS:
        kept["command"] = command_kind(text) or "command"
    patch = given.get("input") if tool == "apply_patch" else text
    if isinstance(patch, str) and "*** Begin Patch" in patch:
        kept["patch"] = patch
    if tool not in SHELLS and tool != "apply_patch":
        kept["input"] = given
    buffer.call(session, "", id, time, kept)


def _output(payload: dict[str, Any], session: str, time: float, buffer: OperationBuffer) -> None:
    id, held = payload.get("call_id"), payload.get("output")
    if not isinstance(id, str):
        buffer.summary.troubles["answers of another shape"] += 1
        return
    text = held if isinstance(held, str) else json.dumps(held)
    code: Any = None
    if text.startswith("{"):
        try:
            output = json.loads(text)
            code = (output.get("metadata") or {}).get("exit_code")
            text = str(output.get("output", text))
        except (ValueError, AttributeError, RecursionError):
            pass
    elif text.startswith(("Exit code: ", "Chunk ID: ")):
        head = text[:200]
        for mark in ("Exit code: ", "Process exited with code "):
            place = head.find(mark)
            if place >= 0:
                code = int("".join(c for c in head[place + len(mark) :][:4] if c.isdigit()) or 0)
    failed = bool(code) or text.startswith(("failed", "Failed", "error", "apply_patch verification failed"))
    buffer.answer(session, id, time, {"failed": failed, "text": text[:500]})


def _patched(
    payload: dict[str, Any], session: str, folder: str, time: float, buffer: OperationBuffer
) -> None:
    """Record what a patch did as a separate call, joined to the patch's own call once both are in order."""
    id, changes = payload.get("call_id"), payload.get("changes")
    if isinstance(id, str) and isinstance(changes, dict):
        buffer.call(session, "", f"{id} patched", time, {"of": id, "changes": changes, "folder": folder})
        buffer.answer(session, f"{id} patched", time, {"failed": payload.get("success") is False, "text": ""})


def _compacted(payload: dict[str, Any], session: str, time: float, buffer: OperationBuffer) -> None:
    """Record that the context was compacted, and the calls whose results it still holds."""
    history = payload.get("replacement_history")
    items = [item for item in history if isinstance(item, dict)] if isinstance(history, list) else []
    kept = [item["call_id"] for item in items if isinstance(item.get("call_id"), str)]
    buffer.call(session, "", f"compaction {time}", time, {"tool": "compaction", "kept": kept})
    buffer.answer(session, f"compaction {time}", time, {"failed": False, "text": ""})


def rows(buffer: OperationBuffer, names: Names, mapping: Mapping) -> Iterator[Operation]:
    """Return the operations of the calls in a buffer filled by `gather`."""
    session, known, lists = None, Knowledge(names), ToDos()
    waiting: dict[str, MadeCall] = {}
    for call in buffer.made():
        if call.session != session:
            for left in waiting.values():
                yield from _rows(left, None, known, lists, mapping)
            session, known, lists, waiting = call.session, Knowledge(names), ToDos(), {}
        if "kept" in call.asked:
            for left in waiting.values():
                yield from _rows(left, None, known, lists, mapping)
            waiting = {}
            yield from known.compacted(call)
            continue
        if "changes" in call.asked:
            of = waiting.pop(call.asked["of"], None)
            if of is not None:
                yield from _rows(of, call.asked["changes"], known, lists, mapping)
            continue
        if "patch" in call.asked and call.answer is not None and not call.answer["failed"]:
            waiting[call.id] = call
            continue
        yield from _rows(call, None, known, lists, mapping)
    for left in waiting.values():
        yield from _rows(left, None, known, lists, mapping)


def _rows(
    call: MadeCall, changes: dict[str, Any] | None, known: Knowledge, lists: ToDos, mapping: Mapping
) -> Iterator[Operation]:
    kept, answer = call.asked, call.answer
    tool, given = kept["tool"], kept.get("input") or {}
    failed = bool(answer and answer["failed"])
    plan = lists.said(call.agent, tool, given) if answer is not None and not failed else ""
    mapped = mapping.touches(tool, given, (answer or {}).get("text"))
    if mapped is not None:
        touches = mapped
    elif changes:
        touches = [_changed(path, change, kept["folder"]) for path, change in changes.items()]
    elif "patch" in kept:
        touches = [_patch(patch, kept["folder"]) for patch in file_patches(kept["patch"])] or [
            Touch("opaque")
        ]
    else:
        touches = [Touch("opaque")]
    for touch in touches:
        yield known.row(
            call,
            touch,
            tool=tool,
            ok=answer is not None and not failed,
            error=error_kind((answer or {}).get("text", "")) if failed else "",
            asked=kept["asked"],
            command=kept.get("command", "") if touch.kind == "opaque" else "",
            plan=plan,
        )


def _patch(patch: FilePatch, folder: str) -> Touch:
    path = path_of(patch.path, folder) or ""
    if patch.action == "Add":
        return Touch("write", path, before=None, before_known=True, after=patch.content, after_known=True)
    if patch.action == "Delete":
        return Touch("write", path, after=None, after_known=True)
    return Touch("write", path, replaced=patch.replaced or (Replacement("", ""),))


def _changed(path: str, change: object, folder: str) -> Touch:
    name = path_of(path, folder) or ""
    held = change if isinstance(change, dict) else {}
    # One form has the kind as a field, another as its only key.
    for kind in ("add", "update", "delete"):
        if isinstance(held.get(kind), dict):
            held = {"type": kind} | held[kind]
    content, text = held.get("content"), held.get("unified_diff")
    if held.get("type") == "add" and isinstance(content, str):
        return Touch("write", name, before=None, before_known=True, after=content, after_known=True)
    if held.get("type") == "delete":
        known = isinstance(content, str)
        return Touch("write", name, before=content if known else None, before_known=known, after_known=True)
    replaced, span = difference(text) if isinstance(text, str) else ([], "")
    return Touch("write", name, replaced=tuple(replaced) or (Replacement("", ""),), span=span)
