"""Session exports of OpenCode: one JSON document per session, whose patches show before and after."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from plandrift.experiments.agents.transcripts.digest import Names, asked_hash, path_of
from plandrift.experiments.agents.transcripts.format import Format, Head
from plandrift.experiments.agents.transcripts.knowledge import Replacement, Touch
from plandrift.experiments.agents.transcripts.lines import Source, documents, seconds
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.agents.transcripts.operation_buffer import MadeCall, OperationBuffer
from plandrift.experiments.agents.transcripts.patches import file_patches
from plandrift.experiments.agents.transcripts.told import Told, printed, rows_told, shell_call

ENDINGS = (".json", ".jsonl")
_CONTENT = re.compile(r"<(content|file)>\n?(.*?)\n?</\1>", re.DOTALL)
_NUMBERED = re.compile(r"^ *(\d+)(?:: |\| ?)(.*)$")
_NOTE = re.compile(r"^\((?:End of file|File has more lines|Showing lines|Output (?:capped|truncated)).*\)$")


def gather(
    files: Iterable[Source], buffer: OperationBuffer, progress: Callable[[int], None] | None = None
) -> None:
    """Read exports into a buffer."""
    for source, held in documents(files, buffer.summary, progress):
        if not isinstance(held, dict) or not isinstance(held.get("messages"), list):
            buffer.summary.troubles["documents that are not an export"] += 1
            continue
        _session(held, source.name, buffer)


def _session(held: dict[str, Any], name: str, buffer: OperationBuffer) -> None:
    info = held.get("info") if isinstance(held.get("info"), dict) else {}
    assert isinstance(info, dict)
    # A subagent has a session of its own that names its parent; it counts as an agent of that session.
    own = str(info.get("id") or name)
    parent = info.get("parentID")
    session, agent = (str(parent), own) if parent else (own, "")
    folder = str(info.get("directory") or "")
    buffer.release = str(info.get("version") or "")
    for message in held["messages"]:
        if not isinstance(message, dict) or not isinstance(message.get("parts"), list):
            buffer.summary.troubles["messages of another shape"] += 1
            continue
        said = message.get("info") if isinstance(message.get("info"), dict) else {}
        assert isinstance(said, dict)
        if said.get("role") == "user" and not agent:
            at = seconds((said.get("time") or {}).get("created"))
            if at is not None:
                buffer.prompt(session, at)
        for part in message["parts"]:
            if isinstance(part, dict) and part.get("type") == "tool":
                _part(part, session, agent, folder, buffer)


def _part(part: dict[str, Any], session: str, agent: str, folder: str, buffer: OperationBuffer) -> None:
    state, tool = part.get("state"), part.get("tool")
    if not isinstance(state, dict) or not isinstance(tool, str):
        buffer.summary.troubles["calls of another shape"] += 1
        return
    time = state.get("time") if isinstance(state.get("time"), dict) else {}
    assert isinstance(time, dict)
    start, end = seconds(time.get("start")), seconds(time.get("end"))
    if start is None:
        buffer.summary.troubles["events without a time"] += 1
        return
    given = state.get("input") if isinstance(state.get("input"), dict) else {}
    assert isinstance(given, dict)
    id = part.get("callID")
    if not isinstance(id, str) or id == "REDACTED":
        id = f"{tool} {agent} {start} {asked_hash(tool, given)}"
    kept: dict[str, Any] = {"tool": tool, "asked": asked_hash(tool, given), "folder": folder, "input": given}
    if tool == "bash":
        kept |= shell_call(given.get("command"))
        kept["folder"] = path_of(given.get("workdir"), folder) or folder
    elif tool == "task":
        kept["command"], kept["input"] = "agent", {}
    buffer.call(session, agent, id, start, kept)
    if state.get("status") not in ("completed", "error"):
        return
    failed = state.get("status") == "error"
    metadata = state.get("metadata") if isinstance(state.get("metadata"), dict) else {}
    assert isinstance(metadata, dict)
    text = str(state.get("error" if failed else "output") or "")
    answer: dict[str, Any] = {
        "failed": failed,
        "text": text if tool == "read" and not failed else printed(kept, text),
    }
    found = metadata.get("files") or [metadata.get("filediff")]
    answer["files"] = [f for f in found if isinstance(f, dict)] if isinstance(found, list) else []
    answer["cut"] = metadata.get("truncated") is True
    answer["exists"] = metadata.get("exists")
    buffer.answer(session, id, end, answer)


def rows(buffer: OperationBuffer, names: Names, mapping: Mapping) -> Iterator[Operation]:
    """Return the operations of the calls in a buffer filled by `gather`."""
    return rows_told(
        buffer, names, mapping, lambda call: Told(touches_of(call), call.asked.get("command", ""))
    )


def touches_of(call: MadeCall) -> list[Touch]:
    """Return what a call of one of OpenCode's own tools did to files."""
    kept, answer = call.asked, call.answer or {}
    tool, given, folder = kept["tool"], kept["input"], kept["folder"]
    path = path_of(given.get("filePath"), folder)
    if tool == "read" and path is not None:
        return [_read(path, given, answer)]
    if tool == "webfetch":
        return [Touch("read", str(given.get("url") or ""))]
    if tool not in ("edit", "write", "apply_patch", "patch", "multiedit"):
        return [Touch("opaque")]
    written = [_written(file, folder, tool, given) for file in answer.get("files", [])]
    found = [touch for touch in written if touch is not None]
    if found:
        return found
    if tool in ("apply_patch", "patch"):
        patches = file_patches(str(given.get("patchText") or ""))
        return [
            Touch("write", path_of(p.path, folder) or "", replaced=p.replaced or (Replacement("", ""),))
            for p in patches
        ] or [Touch("opaque")]
    if path is None:
        return [Touch("opaque")]
    if tool == "write":
        text = given.get("content")
        new = answer.get("exists") is False
        known = isinstance(text, str)
        return [Touch("write", path, before_known=new, after=text if known else None, after_known=known)]
    return [Touch("write", path, replaced=(_asked(given) or Replacement("", ""),))]


def _read(path: str, given: dict[str, Any], answer: dict[str, Any]) -> Touch:
    found = _CONTENT.search(answer.get("text") or "")
    if found is None:
        return Touch("read", path)
    kept, noted = [], False
    for line in found[2].split("\n"):
        matched = _NUMBERED.match(line)
        if matched is not None:
            kept.append(matched)
        elif line and not _NOTE.match(line):
            noted = True
    if not kept:
        return Touch("read", path)
    first = int(kept[0][1])
    partly = noted or answer.get("cut") or given.get("limit") or given.get("offset")
    more = "File has more lines" in found[2] or "Showing lines" in found[2]
    whole = first == 1 and not partly and not more
    return Touch("read", path, "\n".join(m[2] for m in kept), start=first, whole=whole)


def _written(file: dict[str, Any], folder: str, tool: str, given: dict[str, Any]) -> Touch | None:
    path = path_of(file.get("filePath") or file.get("file") or file.get("relativePath"), folder)
    before, after = file.get("before"), file.get("after")
    if path is None or not isinstance(before, str) or not isinstance(after, str):
        return None
    kind = file.get("type")
    made = kind == "add" or (kind is None and not before)
    gone = kind == "delete"
    asked = _asked(given) if tool == "edit" else None
    replaced = (asked,) if asked is not None else _of_patch(given, path, folder)
    return Touch(
        "write",
        path,
        before=None if made else before,
        before_known=True,
        replaced=() if made or gone or tool == "write" else replaced,
        after=None if gone else after,
        after_known=True,
    )


def _of_patch(given: dict[str, Any], path: str, folder: str) -> tuple[Replacement, ...]:
    for patch in file_patches(str(given.get("patchText") or "")):
        if path_of(patch.path, folder) == path and patch.replaced:
            return patch.replaced
    return (Replacement("", ""),)


def _asked(given: dict[str, Any]) -> Replacement | None:
    old, new = given.get("oldString"), given.get("newString")
    if not isinstance(old, str) or not isinstance(new, str):
        return None
    return Replacement(old, new, given.get("replaceAll") is True)


def _fits(head: Head) -> bool:
    return re.match(rb'\s*\{\s*"info"\s*:\s*\{', head.data) is not None and b'"messages"' in head.data


FORMAT = Format("opencode", "OpenCode session exports", "export.json", ENDINGS, gather, rows, _fits)
