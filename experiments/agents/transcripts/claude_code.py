"""Session files of Claude Code: one event per line; an event may be in several files of a session."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from plandrift.experiments.agents.transcripts.commands import command_kind, error_kind
from plandrift.experiments.agents.transcripts.digest import Names, asked_hash, path_of, short_id
from plandrift.experiments.agents.transcripts.file_history import FileHistory
from plandrift.experiments.agents.transcripts.format import Format, Head
from plandrift.experiments.agents.transcripts.knowledge import Hunk, Knowledge, Replacement, Touch
from plandrift.experiments.agents.transcripts.lines import Source, objects, seconds
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.agents.transcripts.operation_buffer import MadeCall, OperationBuffer
from plandrift.experiments.agents.transcripts.shell_touches import may_read, shell_touches
from plandrift.experiments.agents.transcripts.to_dos import LISTS, TASKS, ToDos
from plandrift.experiments.agents.transcripts.world_tool import (
    PLAN_TOOLS,
    PREFIX,
    PlanPart,
    call_hash,
    plan_parts,
    world_touches,
)

ENDINGS = (".jsonl",)
FILES = {"Read", "Edit", "MultiEdit", "Write", "NotebookEdit"}
"""The tools whose contents are kept until the calls are in order."""
KEPT = {*FILES, *PLAN_TOOLS, *LISTS, *TASKS, "WebFetch"}
"""The tools whose arguments are kept."""
_NUMBERED = re.compile(r"^ *(\d+)[→\t](.*)$")


def gather(
    files: Iterable[Source],
    buffer: OperationBuffer,
    progress: Callable[[int], None] | None = None,
    history: FileHistory | None = None,
) -> None:
    """Read session files into a buffer, and the names of backups into a history."""
    seen: set[bytes] = set()
    reading: set[str] = set()
    file, session, folder = None, "", ""
    for source, event in objects(files, buffer.summary, progress):
        if history is not None:
            # The lines that name backups do not say which session they belong to.
            if source is not file:
                file, session, folder = source, "", ""
            session, folder = str(event.get("sessionId") or session), str(event.get("cwd") or folder)
            if event.get("type") == "file-history-snapshot":
                history.name(event, session, folder)
        uuid = event.get("uuid")
        if isinstance(uuid, str):
            name = short_id(uuid)
            if name in seen:
                buffer.summary.merged += 1
                continue
            seen.add(name)
        _event(event, reading, buffer)


def _event(event: dict[str, Any], reading: set[str], buffer: OperationBuffer) -> None:
    kind = event.get("type")
    buffer.release = str(event.get("version") or "")
    session = event.get("sessionId")
    session = session if isinstance(session, str) and session else "unknown"
    folder = event.get("cwd")
    agent = event.get("agentId")
    agent = agent if isinstance(agent, str) else "side" if event.get("isSidechain") is True else ""
    inner = event
    if kind == "progress":
        data = event.get("data")
        if not isinstance(data, dict) or data.get("type") != "agent_progress":
            return
        within = data.get("message")
        if not isinstance(within, dict):
            buffer.summary.troubles["events of another shape"] += 1
            return
        agent, inner = str(data.get("agentId") or "side"), within
    elif kind == "attachment":
        _news(event, session, agent, buffer)
        return
    elif kind == "system" and event.get("subtype") == "compact_boundary":
        _compacted(event, session, agent, buffer)
        return
    elif kind not in ("assistant", "user"):
        return
    time = _time(inner)
    time = _time(event) if time is None else time
    message = inner.get("message")
    if not isinstance(message, dict) or time is None:
        buffer.summary.troubles[
            "events of another shape" if time is not None else "events without a time"
        ] += 1
        return
    content = message.get("content")
    if message.get("role") == "user" and not agent and event.get("isMeta") is not True and _said(content):
        buffer.prompt(session, time)
    for part in content if isinstance(content, list) else ():
        if not isinstance(part, dict):
            continue
        if part.get("type") == "tool_use":
            _call(part, session, agent, time, folder, reading, buffer)
        elif part.get("type") == "tool_result":
            _answer(part, content, inner, session, time, reading, buffer)


def _time(event: dict[str, Any]) -> float | None:
    """Return the time of an event, at full precision if it is from an exported episode."""
    exact = event.get("exactTimestamp")
    return seconds(event.get("timestamp") if exact is None else exact)


def _said(content: object) -> bool:
    """Say whether a message in the user's role contains something that a person said."""
    if isinstance(content, str):
        return not content.startswith("<")
    parts = [p for p in content if isinstance(p, dict)] if isinstance(content, list) else []
    return any(p.get("type") == "text" for p in parts) and not any(
        p.get("type") == "tool_result" for p in parts
    )


def _call(
    part: dict[str, Any],
    session: str,
    agent: str,
    time: float,
    folder: object,
    reading: set[str],
    buffer: OperationBuffer,
) -> None:
    id, tool, given = part.get("id"), part.get("name"), part.get("input")
    if not isinstance(id, str) or not isinstance(tool, str) or not isinstance(given, dict):
        buffer.summary.troubles["calls of another shape"] += 1
        return
    kept: dict[str, Any] = {"tool": tool, "asked": asked_hash(tool, given)}
    if isinstance(folder, str):
        kept["folder"] = folder
    if tool == "Bash":
        kept["command"] = command_kind(given.get("command"))
        kept["shell"] = given.get("command")
        if may_read(kept["shell"]):
            reading.add(id)
    elif tool in ("Task", "Agent"):
        kept["command"] = "agent"
    if tool in KEPT or tool.startswith("mcp__"):
        kept["input"] = given
    buffer.call(session, agent, id, time, kept)


def _answer(
    part: dict[str, Any],
    content: Any,
    inner: dict[str, Any],
    session: str,
    time: float,
    reading: set[str],
    buffer: OperationBuffer,
) -> None:
    id = part.get("tool_use_id")
    if not isinstance(id, str):
        buffer.summary.troubles["answers of another shape"] += 1
        return
    text = text_of(part.get("content"))
    alone = sum(isinstance(p, dict) and p.get("type") == "tool_result" for p in content) == 1
    result = inner.get("toolUseResult") if alone else None
    kept: dict[str, Any] = {"error": part.get("is_error") is True, "text": text[:500]}
    if isinstance(inner.get("uuid"), str):
        kept["uuid"] = inner["uuid"]
    if isinstance(result, dict) and not {"stdout", "filenames"} & set(result):
        kept["result"] = result
    elif not kept["error"] and result is None and _NUMBERED.match(text.partition("\n")[0]):
        kept["numbered"] = text
    elif isinstance(result, str) and result.startswith("Error"):
        kept["error"] = True
    if id in reading and isinstance(result, dict):
        kept["printed"] = _printed(result)
    buffer.answer(session, id, time, kept)


def _printed(result: dict[str, Any]) -> str | None:
    """Return what a command printed; None if a part is missing, or was saved to a separate file."""
    text = result.get("stdout")
    cut = ("interrupted", "isImage", "backgroundTaskId", "persistedOutputPath", "stderr")
    if not isinstance(text, str) or any(result.get(name) for name in cut) or " truncated] ..." in text:
        return None
    return text


def _news(event: dict[str, Any], session: str, agent: str, buffer: OperationBuffer) -> None:
    """Record unsolicited news from the harness: somebody changed a file that the agent knew."""
    held, time = event.get("attachment"), _time(event)
    if not isinstance(held, dict) or held.get("type") != "edited_text_file" or time is None:
        return
    id = str(event.get("uuid") or f"news {time} {held.get('filename')}")
    taken = seconds(held.get("takenAt"))
    by = f"news {held['by']}{' own' if held.get('own') else ''}" if "by" in held else "news"
    asked = {"tool": by, "asked": "", "command": "news", "input": held, "folder": event.get("cwd") or ""}
    buffer.call(session, agent, id, time if taken is None else taken, asked)
    buffer.answer(session, id, time, {"error": False, "text": "", "result": {}})


def _compacted(event: dict[str, Any], session: str, agent: str, buffer: OperationBuffer) -> None:
    """Record that the agent's context was compacted, and which messages it still holds."""
    time, held = _time(event), event.get("compactMetadata")
    if time is None:
        buffer.summary.troubles["events without a time"] += 1
        return
    preserved = held.get("preservedMessages") if isinstance(held, dict) else None
    uuids = preserved.get("uuids") if isinstance(preserved, dict) else None
    id = str(event.get("uuid") or f"compaction {time}")
    kept = uuids if isinstance(uuids, list) else []
    buffer.call(session, agent, id, time, {"tool": "compaction", "kept": kept})
    buffer.answer(session, id, time, {})


def text_of(content: object) -> str:
    """Return the text of a result, which is a text or a list of parts, some with a text."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(str(p.get("text", "")) for p in content if isinstance(p, dict))
    return ""


def rows(
    buffer: OperationBuffer,
    names: Names,
    mapping: Mapping,
    history: FileHistory | None = None,
    held: Knowledge | None = None,
) -> Iterator[Operation]:
    """Return the operations of the calls in a buffer filled by `gather`.

    With `held`, all calls are of one session, and what its agents know is left there.
    """
    session, known, lists = None, held or Knowledge(names), ToDos()
    for call in buffer.made():
        if call.session != session:
            session, known, lists = call.session, held or Knowledge(names), ToDos()
        if history is not None:
            # A backup is made when the edit is about to be done: after the call, which a person may delay.
            for path, text in history.before(call.session, call.answered or call.called):
                known.backed_up(path, text)
        if "kept" in call.asked:
            yield from known.compacted(call)
        else:
            yield from _rows(call, known, lists, mapping)


def _rows(call: MadeCall, known: Knowledge, lists: ToDos, mapping: Mapping) -> Iterator[Operation]:
    kept, answer = call.asked, call.answer
    tool = kept["tool"]
    given = kept.get("input") or {}
    failed = bool(answer and answer["error"])
    error = error_kind(answer["text"]) if failed and answer else ""
    result = (answer or {}).get("result")
    result = result if isinstance(result, dict) else {}
    folder = kept.get("folder", "")
    plan = ""
    made = answer is not None and not failed
    if made:
        plan = PLAN_TOOLS.get(tool, "") or lists.said(call.agent, tool, given, result)
    parts = plan_parts(given, folder) if plan == "accepted" else []
    asked, step = kept["asked"], None
    other = tool.startswith("mcp__") and not tool.startswith(PREFIX)
    command = kept.get("command", "command" if other else "")
    mapped = mapping.touches(tool, given, result or (answer or {}).get("text"))
    if mapped is not None:
        touches = mapped
    elif tool.startswith(PREFIX):
        touches, asked = world_touches(given, result, folder), call_hash(given.get("call"))
        step = given["step"] if isinstance(given.get("step"), int) else None
        error = str(result.get("error", error)) if failed else ""
    elif tool.startswith("news"):
        touches = _touches_of_news(given, folder)
    elif "shell" in kept:
        told = shell_touches(kept["shell"], folder, (answer or {}).get("printed"), ok=made, trimmed=True)
        touches, command = told.rows(), command if told.changing else ""
    else:
        touches = [touch_of(tool, given, folder, answer or {}, result, failed)]
    for number, touch in enumerate(touches):
        yield known.row(
            call,
            touch,
            tool=tool,
            ok=made,
            error=error,
            asked=asked + f" {number}" * (number > 0 and "shell" in kept),
            command=command if touch.kind == "opaque" or tool.startswith("news") else "",
            plan=plan,
            step=step,
        )
    for part in parts:
        yield _part(call, part, known, tool)


def _part(call: MadeCall, part: PlanPart, known: Knowledge, tool: str) -> Operation:
    made = known.row(call, part.touch, tool=tool, ok=True, asked=part.call, plan=part.part, step=part.step)
    return made if part.time is None else replace(made, called=part.time)


def _touches_of_news(held: dict[str, Any], folder: str) -> list[Touch]:
    """Return what news says about each fluent: its content if exported, else only that it changed."""
    files = held.get("files")
    if not isinstance(files, list):
        return [Touch("read", path_of(held.get("filename"), folder) or "")]
    touches = []
    for file in files:
        name = path_of(file.get("filename"), folder) if isinstance(file, dict) else None
        if name is not None:
            text, version = file.get("content"), file.get("version")
            kept = text if isinstance(text, str) else None
            touches.append(
                Touch("read", name, kept, whole=True, version=None if version is None else str(version))
            )
    return touches or [Touch("opaque")]


def touch_of(
    tool: str,
    given: dict[str, Any],
    folder: str,
    answer: dict[str, Any],
    result: dict[str, Any],
    failed: bool,
) -> Touch:
    """Return what a call of one of Claude Code's own tools did to a file.

    Args:
        tool: the tool.
        given: its arguments.
        folder: the working folder.
        answer: what is kept of the answer; `numbered` holds a read that is shown as numbered lines.
        result: the answer's structured result; empty if there is none.
        failed: whether it failed.
    """
    if tool == "WebFetch":
        url = given.get("url")
        return Touch("read", url if isinstance(url, str) else "")
    if tool not in FILES:
        return Touch("opaque")
    path = path_of(given.get("file_path") or given.get("notebook_path"), folder)
    if path is None:
        return Touch("opaque")
    if tool == "Read":
        return _read(path, given, answer, result)
    return _write(tool, path, given, result, failed)


def _read(path: str, given: dict[str, Any], answer: dict[str, Any], result: dict[str, Any]) -> Touch:
    file = result.get("file")
    if result.get("type") == "file_unchanged":
        return Touch("read", path, unchanged=True)
    if isinstance(file, dict) and isinstance(file.get("content"), str):
        start, lines, total = (file.get(name) for name in ("startLine", "numLines", "totalLines"))
        first = start if isinstance(start, int) else 1
        cut = file.get("truncatedByTokenCap") is True
        whole = first <= 1 and isinstance(total, int) and lines == total and not cut
        version = file.get("version")
        return Touch(
            "read",
            path,
            file["content"],
            start=first,
            whole=whole,
            total=total if isinstance(total, int) else None,
            version=None if version is None else str(version),
        )
    if "numbered" in answer:
        matched = [_NUMBERED.match(line) for line in answer["numbered"].split("\n")]
        kept = [m for m in matched if m is not None]
        first = int(kept[0][1])
        # A read without a limit ends after 2000 lines.
        whole = first == 1 and not given.get("limit") and not given.get("offset") and len(kept) < 2000
        return Touch("read", path, "\n".join(m[2] for m in kept), start=first, whole=whole)
    return Touch("read", path)


def _write(tool: str, path: str, given: dict[str, Any], result: dict[str, Any], failed: bool) -> Touch:
    sure = "originalFile" in result or "originalFileContents" in result
    before = result.get("originalFile", result.get("originalFileContents"))
    before = before if isinstance(before, str) else None
    shown = () if before is not None else _hunks(result.get("structuredPatch"))
    if tool == "Write":
        text = result.get("content", given.get("content"))
        known = isinstance(text, str)
        if result.get("type") == "update" and before is None:
            sure = False
        return Touch(
            "write",
            path,
            before=before,
            before_known=sure,
            hunks=shown,
            after=text if known else None,
            after_known=known,
        )
    replaced = _replacements(tool, given, result)
    if tool == "NotebookEdit" or not replaced:
        return Touch("write", path, replaced=replaced or (Replacement("", ""),))
    after = before
    for replacement in replaced:
        after = None if after is None else replacement.done_to(after)
    sure = sure and not failed and (before is not None or not replaced[0].old)
    if sure and before is None:
        after = replaced[0].new
    return Touch(
        "write",
        path,
        replaced=replaced,
        before=before,
        before_known=sure,
        hunks=shown,
        after=after,
        after_known=sure and after is not None,
    )


def _hunks(patch: object) -> tuple[Hunk, ...]:
    """Return the lines of the old content that a patch shows."""
    made = []
    for hunk in patch if isinstance(patch, list) else ():
        start, lines = (hunk.get("oldStart"), hunk.get("lines")) if isinstance(hunk, dict) else (None, None)
        if not isinstance(start, int) or not isinstance(lines, list):
            return ()
        old = tuple(line[1:] for line in lines if isinstance(line, str) and line[:1] in (" ", "-"))
        made.append(Hunk(start, old))
    return tuple(made)


def _replacements(tool: str, given: dict[str, Any], result: dict[str, Any]) -> tuple[Replacement, ...]:
    if tool == "MultiEdit":
        edits = given.get("edits")
        found = (
            [_replacement(edit) for edit in edits if isinstance(edit, dict)]
            if isinstance(edits, list)
            else []
        )
    else:
        # The tool's report of what it did takes precedence over the request: a person may have amended it.
        found = [_replacement(result if "oldString" in result else given)]
    return tuple(r for r in found if r is not None)


def _replacement(edit: dict[str, Any]) -> Replacement | None:
    old = edit.get("oldString", edit.get("old_string"))
    new = edit.get("newString", edit.get("new_string"))
    if not isinstance(old, str) or not isinstance(new, str):
        return None
    return Replacement(old, new, edit.get("replaceAll", edit.get("replace_all")) is True)


def _fits(head: Head) -> bool:
    if b'"sessionId"' in head.data and b'"parentUuid"' in head.data:
        return True
    return any({"sessionId", "type"} <= held.keys() and "data" not in held for held in head.objects())


FORMAT = Format("claude-code", "Claude Code session files", "session.jsonl", ENDINGS, gather, rows, _fits)
