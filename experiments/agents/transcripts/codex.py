"""Rollout files of Codex: plain shell commands are reads, patches are writes, `update_plan` is a plan.

What a patch says about the old content (its context and removed lines) is ground truth for that region
only. The whole content is known only for a file that was added. Adding may replace an existing file, so it
does not show that there was none.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from plandrift.experiments.agents.transcripts.commands import command_kind, error_kind
from plandrift.experiments.agents.transcripts.digest import Names, asked_hash, path_of
from plandrift.experiments.agents.transcripts.format import Format, Head
from plandrift.experiments.agents.transcripts.knowledge import Knowledge, Replacement, Touch
from plandrift.experiments.agents.transcripts.lines import Source, objects, seconds
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.agents.transcripts.operation_buffer import MadeCall, OperationBuffer
from plandrift.experiments.agents.transcripts.patches import FilePatch, difference, file_patches, old_lines
from plandrift.experiments.agents.transcripts.shell_touches import SHELLS, may_read, shell_touches
from plandrift.experiments.agents.transcripts.to_dos import ToDos

ENDINGS = (".jsonl",)
_MISSED = re.compile(
    r"apply_patch verification failed: Failed to find expected lines in ([^\n]+):\n(.*)", re.DOTALL
)


def gather(
    files: Iterable[Source], buffer: OperationBuffer, progress: Callable[[int], None] | None = None
) -> None:
    """Read rollout files into a buffer."""
    session, folder, source = "unknown", "", None
    reading: set[str] = set()
    # What a patch did is in a separate event, before or after the call's output.
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
            buffer.release = str(payload.get("cli_version") or "")
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
            _call(payload, session, folder, time, reading, buffer)
        elif kind in ("function_call_output", "custom_tool_call_output"):
            _output(payload, session, time, reading, buffer)
        elif kind == "patch_apply_end":
            _patched(payload, session, folder, time, buffer)


def _call(
    payload: dict[str, Any],
    session: str,
    folder: str,
    time: float,
    reading: set[str],
    buffer: OperationBuffer,
) -> None:
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
    text = _command(given.get("command", given.get("cmd")))
    if isinstance(given.get("workdir"), str):
        kept["folder"] = path_of(given["workdir"], folder) or folder
    if tool in SHELLS:
        kept["command"] = command_kind(text) or "command"
        kept["shell"] = text
        if may_read(text):
            reading.add(id)
    patch = given.get("input") if tool == "apply_patch" else text
    if isinstance(patch, str) and "*** Begin Patch" in patch:
        kept["patch"] = patch
    if tool not in SHELLS and tool != "apply_patch":
        kept["input"] = given
    buffer.call(session, "", id, time, kept)


def _command(held: Any) -> Any:
    """Return a command as one string for the shell, without the shell that older versions name."""
    if not isinstance(held, list):
        return held
    words = [str(word) for word in held]
    return words[2] if len(words) == 3 and words[1] in ("-lc", "-c") else shlex.join(words)


def _output(
    payload: dict[str, Any], session: str, time: float, reading: set[str], buffer: OperationBuffer
) -> None:
    id, held = payload.get("call_id"), payload.get("output")
    if not isinstance(id, str):
        buffer.summary.troubles["answers of another shape"] += 1
        return
    text = held if isinstance(held, str) else json.dumps(held)
    code: Any = None
    printed: str | None = None
    if text.startswith("{"):
        try:
            output = json.loads(text)
            code = (output.get("metadata") or {}).get("exit_code")
            text = printed = str(output.get("output", text))
        except (ValueError, AttributeError, RecursionError):
            pass
    elif text.startswith(("Exit code: ", "Chunk ID: ")):
        head = text[:200]
        for mark in ("Exit code: ", "Process exited with code "):
            place = head.find(mark)
            if place >= 0:
                code = int("".join(c for c in head[place + len(mark) :][:4] if c.isdigit()) or 0)
                printed = text.partition("\nOutput:\n")[2]
    failed = bool(code) or (
        code is None and text.startswith(("failed", "Failed", "error", "apply_patch verification failed"))
    )
    answer: dict[str, Any] = {"failed": failed, "text": text if _MISSED.match(text) else text[:500]}
    if id in reading and not failed and printed is not None and not _cut(printed):
        answer["printed"] = printed
    buffer.answer(session, id, time, answer)


def _cut(text: str) -> bool:
    """Say whether a part of an output is missing."""
    if text.startswith(("Total output lines", "Warning: truncated output")):
        return True
    return " truncated…" in text or "[... omitted" in text


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


def rows(
    buffer: OperationBuffer, names: Names, mapping: Mapping, held: Knowledge | None = None
) -> Iterator[Operation]:
    """Return the operations of the calls in a buffer filled by `gather`.

    With `held`, all calls are of one session, and what its agents know is left there.
    """
    session, known, lists = None, held or Knowledge(names), ToDos()
    waiting: dict[str, MadeCall] = {}
    for call in buffer.made():
        if call.session != session:
            for left in waiting.values():
                yield from _rows(left, None, known, lists, mapping)
            session, known, lists, waiting = call.session, held or Knowledge(names), ToDos(), {}
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
    made = answer is not None and not failed
    plan = lists.said(call.agent, tool, given) if made else ""
    command = kept.get("command", "")
    mapped = mapping.touches(tool, given, (answer or {}).get("text"))
    if mapped is not None:
        touches = mapped
    elif changes:
        touches = [_changed(path, change, kept["folder"]) for path, change in changes.items()]
    elif "patch" in kept:
        touches = [patch_touch(patch, kept["folder"]) for patch in file_patches(kept["patch"])] or [
            Touch("opaque")
        ]
    else:
        told = shell_touches(kept.get("shell"), kept["folder"], (answer or {}).get("printed"), ok=made)
        touches, command = told.rows(), command if told.changing else ""
    missed = _MISSED.match((answer or {}).get("text", "")) if failed else None
    for number, touch in enumerate(touches):
        error = error_kind((answer or {}).get("text", "")) if failed else ""
        if missed is not None and touch.fluent == path_of(missed[1], kept["folder"]):
            touch = replace(touch, replaced=(Replacement(missed[2], ""),))
        elif missed is not None:
            # A patch is applied completely or not at all, so nothing is known about its other files.
            error = "other"
        yield known.row(
            call,
            touch,
            tool=tool,
            ok=made,
            error=error,
            asked=kept["asked"] + f" {number}" * (number > 0 and "shell" in kept),
            command=command if touch.kind == "opaque" else "",
            plan=plan,
        )


def patch_touch(patch: FilePatch, folder: str) -> Touch:
    """Return what a part of an `apply_patch` does to its file."""
    path = path_of(patch.path, folder) or ""
    if patch.action == "Add":
        return Touch("write", path, after=patch.content, after_known=True)
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
        return Touch("write", name, after=content, after_known=True)
    if held.get("type") == "delete":
        known = isinstance(content, str)
        return Touch("write", name, before=content if known else None, before_known=known, after_known=True)
    if not isinstance(text, str):
        return Touch("write", name, replaced=(Replacement("", ""),))
    replaced, span = difference(text)
    return Touch(
        "write", name, replaced=tuple(replaced) or (Replacement("", ""),), span=span, hunks=old_lines(text)
    )


def _fits(head: Head) -> bool:
    return any(
        (isinstance(held.get("payload"), dict) and "timestamp" in held)
        or ("id" in held and "instructions" in held)
        for held in head.objects()
    )


FORMAT = Format("codex", "Codex rollout files", "rollout.jsonl", ENDINGS, gather, rows, _fits)
