"""Conversations of OpenHands: a folder with one file per event (V1), or one list of events (V0).

Times have no zone and are taken as UTC. If events branch off one parent, only the branch that leads to the
last event counts: the others were abandoned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath
from typing import Any

from plandrift.experiments.agents.transcripts.digest import Names, asked_hash, path_of
from plandrift.experiments.agents.transcripts.file_editor import editor_touch
from plandrift.experiments.agents.transcripts.format import Format, Head
from plandrift.experiments.agents.transcripts.knowledge import Touch
from plandrift.experiments.agents.transcripts.lines import Source, documents, seconds
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.agents.transcripts.operation_buffer import MadeCall, OperationBuffer
from plandrift.experiments.agents.transcripts.told import Told, rows_told, shell_call

OLD_ACTIONS = {"read": "view", "write": "create", "edit": "", "run": ""}
"""The actions of V0 that touch files, each with the corresponding command of the editor."""


def gather(
    files: Iterable[Source], buffer: OperationBuffer, progress: Callable[[int], None] | None = None
) -> None:
    """Read conversations into a buffer."""
    folders: dict[str, str] = {}
    events: dict[str, list[dict[str, Any]]] = {}
    for source, held in documents(files, buffer.summary, progress):
        path = PurePath(source.name)
        if isinstance(held, list):
            _old(held, source.name, buffer)
        elif path.name == "base_state.json" and isinstance(held, dict):
            place = held.get("workspace")
            folders[path.parent.name] = str(place.get("working_dir") or "") if isinstance(place, dict) else ""
        elif isinstance(held, dict) and isinstance(held.get("kind"), str):
            name = path.parent.parent.name if path.parent.name == "events" else path.parent.name
            events.setdefault(name or source.name, []).append(held)
        else:
            buffer.summary.troubles["documents that are not an event"] += 1
    for name, found in events.items():
        for event in _kept(found, buffer):
            _event(event, name, folders.get(name, ""), buffer)


def _kept(events: list[dict[str, Any]], buffer: OperationBuffer) -> list[dict[str, Any]]:
    """Return the events that lead to the last one."""
    parents = {str(event.get("id")): event.get("parent_id") for event in events}
    chain, at = set[str](), events[-1].get("id")
    while at is not None and str(at) not in chain:
        chain.add(str(at))
        at = parents.get(str(at))
    kept = [e for e in events if e.get("parent_id") is None or str(e.get("id")) in chain]
    if len(kept) < len(events):
        buffer.summary.notes["events of abandoned branches are left out"] += len(events) - len(kept)
    return kept


def _event(event: dict[str, Any], session: str, folder: str, buffer: OperationBuffer) -> None:
    kind, time = event["kind"], seconds(event.get("timestamp"))
    action, seen = event.get("action"), event.get("observation")
    id = event.get("tool_call_id") or event.get("action_id")
    if time is None:
        buffer.summary.troubles["events without a time"] += 1
    elif kind == "MessageEvent" and event.get("source") == "user":
        buffer.prompt(session, time)
    elif kind == "ActionEvent":
        tool = event.get("tool_name")
        if not isinstance(id, str) or not isinstance(tool, str) or not isinstance(action, dict):
            buffer.summary.troubles["calls of another shape"] += 1
            return
        given = {key: value for key, value in action.items() if key != "kind"}
        run = str(action.get("kind")) in ("TerminalAction", "ExecuteBashAction")
        _call(tool, given, run, session, id, folder, time, buffer)
    elif kind == "ObservationEvent" and isinstance(id, str) and isinstance(seen, dict):
        details = seen.get("metadata")
        code = seen.get("exit_code", details.get("exit_code") if isinstance(details, dict) else None)
        error = seen.get("is_error") is True or bool(seen.get("error")) or code not in (None, 0)
        text = _text(seen.get("content") or seen.get("output") or seen.get("error"))
        _answer(id, session, time, error, text, seen, buffer)
    elif kind in ("AgentErrorEvent", "UserRejectObservation") and isinstance(id, str):
        said = event.get("error") or f"user rejected: {event.get('rejection_reason')}"
        _answer(id, session, time, True, str(said), {}, buffer)


def _old(events: list[Any], session: str, buffer: OperationBuffer) -> None:
    """Read a trajectory of V0."""
    for event in events:
        if not isinstance(event, dict):
            buffer.summary.troubles["events of another shape"] += 1
            continue
        time, given, extras = seconds(event.get("timestamp")), event.get("args"), event.get("extras")
        action, seen = event.get("action"), event.get("observation")
        if time is None:
            buffer.summary.troubles["events without a time"] += bool(action or seen)
        elif action == "message" and event.get("source") == "user":
            buffer.prompt(session, time)
        elif isinstance(action, str) and event.get("source") == "agent" and isinstance(given, dict):
            command = given.get("command") or OLD_ACTIONS.get(action, "")
            held = given | {"command": command, "file_text": given.get("file_text", given.get("content"))}
            if action in OLD_ACTIONS:
                _call(action, held, action == "run", session, str(event.get("id")), "", time, buffer)
            else:
                _call(action, {}, False, session, str(event.get("id")), "", time, buffer)
        elif isinstance(seen, str) and event.get("cause") is not None:
            extras = extras if isinstance(extras, dict) else {}
            details = extras.get("metadata")
            code = details.get("exit_code") if isinstance(details, dict) else None
            text = str(event.get("content") or "")
            failed = seen == "error" or code not in (None, 0)
            _answer(str(event.get("cause")), session, time, failed, text, extras, buffer)


def _call(
    tool: str,
    given: dict[str, Any],
    run: bool,
    session: str,
    id: str,
    folder: str,
    time: float,
    buffer: OperationBuffer,
) -> None:
    kept: dict[str, Any] = {"tool": tool, "asked": asked_hash(tool, given), "folder": folder, "input": given}
    if run:
        kept |= shell_call(given.get("command"))
    buffer.call(session, "", id, time, kept)


def _answer(
    id: str, session: str, time: float, failed: bool, text: str, seen: dict[str, Any], buffer: OperationBuffer
) -> None:
    answer: dict[str, Any] = {"failed": failed, "text": text[:200_000], "cut": len(text) > 200_000}
    answer |= {key: seen[key] for key in ("old_content", "new_content", "prev_exist") if key in seen}
    buffer.answer(session, id, time, answer)


def _text(content: object) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return str(content or "")


def rows(buffer: OperationBuffer, names: Names, mapping: Mapping) -> Iterator[Operation]:
    """Return the operations of the calls in a buffer filled by `gather`."""
    return rows_told(buffer, names, mapping, lambda call: Told([_touch(call)]))


def _touch(call: MadeCall) -> Touch:
    kept, answer = call.asked, call.answer or {}
    given = kept["input"]
    path = path_of(given.get("path"), kept["folder"])
    if path is None or not isinstance(given.get("command"), str):
        return Touch("opaque")
    new = answer.get("prev_exist") is False
    text = str(answer.get("text") or "")
    return editor_touch(path, given, text, answer.get("old_content"), answer.get("new_content"), new)


def _fits(head: Head) -> bool:
    if re.match(rb"\s*\[\s*\{", head.data):
        # V0: a list of events, the first of which has an id, a source, and an action or observation.
        first = head.data[:20_000]
        return (
            b'"source"' in first and (b'"action"' in first or b'"observation"' in first) and b'"id"' in first
        )
    if PurePath(head.name).name == "base_state.json":
        return True
    return (
        PurePath(head.name).parent.name == "events" and b'"kind"' in head.data and b'"timestamp"' in head.data
    )


FORMAT = Format("openhands", "OpenHands conversations", "conversation", (".json",), gather, rows, _fits)
