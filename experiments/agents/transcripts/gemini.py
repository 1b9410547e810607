"""Session files of Gemini CLI: one document, or lines in which a message is repeated as it grows.

A compression rewrites the messages, and the last state then lacks what was done before, so every line is
read. Paths are relative to a project of which the file has only a hash; that hash is used as their folder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath
from typing import Any

from plandrift.experiments.agents.transcripts.digest import Names, asked_hash, path_of
from plandrift.experiments.agents.transcripts.format import Format, Head
from plandrift.experiments.agents.transcripts.knowledge import Replacement, Touch
from plandrift.experiments.agents.transcripts.lines import Source, parsed, seconds, texts
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.agents.transcripts.operation_buffer import MadeCall, OperationBuffer
from plandrift.experiments.agents.transcripts.told import Told, printed, rows_told, shell_call

SHELL = "run_shell_command"
_PRINTED = re.compile(
    r"(?:\A|\n)Output: (.*?)(?=\n(?:Error|Exit Code|Signal|Background PIDs|Process Group PGID): |\Z)",
    re.DOTALL,
)
_RAN = re.compile(r"\nExit Code: (-?\d+)")


def gather(
    files: Iterable[Source], buffer: OperationBuffer, progress: Callable[[int], None] | None = None
) -> None:
    """Read session files into a buffer."""
    for source, text in texts(files, buffer.summary, progress):
        try:
            records = [json.loads(text)]
        except (ValueError, RecursionError):
            records = [
                held for line in text.splitlines() if (held := parsed(line, buffer.summary)) is not None
            ]
        _session([record for record in records if isinstance(record, dict)], source.name, buffer)


def _session(records: list[dict[str, Any]], name: str, buffer: OperationBuffer) -> None:
    about: dict[str, Any] = next((record for record in records if "projectHash" in record), {})
    session, agent = str(about.get("sessionId") or name), ""
    above = PurePath(name).parent.name
    if about.get("kind") == "subagent" and above not in ("", "chats"):
        session, agent = above, session
    folder = str(about.get("projectHash") or "")[:12]
    calls: dict[str, tuple[float, dict[str, Any]]] = {}
    for record in records:
        changed = record.get("$set")
        for held in (record, changed if isinstance(changed, dict) else {}):
            messages = held.get("messages", [held] if "type" in held else [])
            for message in messages if isinstance(messages, list) else ():
                _message(message, session, agent, calls, buffer)
    for id, (time, call) in calls.items():
        _call(id, call, session, agent, folder, time, buffer)


def _message(
    message: object,
    session: str,
    agent: str,
    calls: dict[str, tuple[float, dict[str, Any]]],
    buffer: OperationBuffer,
) -> None:
    if not isinstance(message, dict):
        buffer.summary.troubles["messages of another shape"] += 1
        return
    time, made = seconds(message.get("timestamp")), message.get("toolCalls")
    if time is None:
        buffer.summary.troubles["events without a time"] += bool(made)
    elif message.get("type") == "user" and not agent:
        buffer.prompt(session, time)
    elif isinstance(made, list):
        for call in made:
            if not isinstance(call, dict) or not isinstance(call.get("id"), str):
                buffer.summary.troubles["calls of another shape"] += 1
            elif call["id"] not in calls or "result" in call:
                calls[call["id"]] = time, call


def _call(
    id: str,
    call: dict[str, Any],
    session: str,
    agent: str,
    folder: str,
    time: float,
    buffer: OperationBuffer,
) -> None:
    tool, given = call.get("name"), call.get("args")
    if not isinstance(tool, str) or not isinstance(given, dict):
        buffer.summary.troubles["calls of another shape"] += 1
        return
    kept = {"tool": tool, "asked": asked_hash(tool, given), "folder": folder, "input": given}
    if tool == SHELL:
        kept |= shell_call(given.get("command"))
        kept["folder"] = path_of(given.get("dir_path") or given.get("directory"), folder) or folder
    buffer.call(session, agent, id, time, kept)
    if call.get("status") not in ("success", "error", "cancelled"):
        return
    text = _text(call.get("result"))
    answer: dict[str, Any] = {"failed": call["status"] != "success", "text": text}
    if tool == SHELL:
        code, shown = _RAN.search(text), printed_by(text)
        answer["failed"] |= code is not None and code[1] != "0"
        answer["cut"] = shown is None
        answer["text"] = printed(kept, shown or "")
    elif tool not in ("read_file", "read_many_files"):
        answer["text"] = text[:500]
    shown_as = call.get("resultDisplay")
    if isinstance(shown_as, dict) and "newContent" in shown_as:
        answer["diff"] = {key: shown_as.get(key) for key in ("originalContent", "newContent", "isNewFile")}
    buffer.answer(session, id, seconds(call.get("timestamp")), answer)


def printed_by(text: str) -> str | None:
    """Return what a command printed, from the tool's answer; None if that is unknown or cut."""
    shown = _PRINTED.search(text)
    if shown is None or "[truncated" in text:
        return None
    return "" if shown[1] == "(empty)" else shown[1]


def _text(result: object) -> str:
    for part in result if isinstance(result, list) else ():
        held = part.get("functionResponse") if isinstance(part, dict) else None
        response = held.get("response") if isinstance(held, dict) else None
        if isinstance(response, dict):
            return str(response.get("output") or response.get("error") or "")
    return ""


def rows(buffer: OperationBuffer, names: Names, mapping: Mapping) -> Iterator[Operation]:
    """Return the operations of the calls in a buffer filled by `gather`."""
    return rows_told(buffer, names, mapping, lambda call: Told([touch_of(call)]))


def touch_of(call: MadeCall) -> Touch:
    """Return what a call of one of Gemini CLI's own tools did to a file."""
    kept, answer = call.asked, call.answer or {}
    tool, given = kept["tool"], kept["input"]
    path = path_of(given.get("file_path") or given.get("absolute_path"), kept["folder"])
    if tool == "web_fetch":
        return Touch("read", str(given.get("prompt") or ""))
    if path is None or tool not in ("read_file", "replace", "write_file"):
        return Touch("opaque")
    if tool == "read_file":
        text = str(answer.get("text") or "")
        first = given.get("start_line") or (given.get("offset") or 0) + 1
        partly = any(given.get(name) for name in ("start_line", "end_line", "offset", "limit"))
        if answer.get("failed") or not isinstance(first, int) or "truncated" in text[:300]:
            return Touch("read", path)
        return Touch("read", path, text, start=first, whole=not partly)
    diff = answer.get("diff") or {}
    before, after = diff.get("originalContent"), diff.get("newContent", given.get("content"))
    known = bool(diff) and (isinstance(before, str) or diff.get("isNewFile") is True)
    old, new = given.get("old_string"), given.get("new_string")
    asked = Replacement("", "")
    if isinstance(old, str) and isinstance(new, str):
        asked = Replacement(
            old, new, (given.get("expected_replacements") or 1) != 1 or bool(given.get("allow_multiple"))
        )
    return Touch(
        "write",
        path,
        before=before if isinstance(before, str) and diff.get("isNewFile") is not True else None,
        before_known=known,
        replaced=() if tool == "write_file" or diff.get("isNewFile") is True else (asked,),
        after=after if isinstance(after, str) else None,
        after_known=isinstance(after, str),
    )


def _fits(head: Head) -> bool:
    document = (
        re.match(rb'\s*\{\s*"sessionId"', head.data) is not None and b'"projectHash"' in head.data[:2000]
    )
    return document or any({"sessionId", "projectHash"} <= held.keys() for held in head.objects())


FORMAT = Format("gemini", "Gemini CLI session files", "chat.json", (".json", ".jsonl"), gather, rows, _fits)
