"""Cursor: flat JSON, always with a decision; the model reads `user_message`, so both messages are alike."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from plandrift.experiments.agents.guard.payloads.host import (
    HookAnswer,
    HookFile,
    Host,
    HostCall,
    HostEvent,
    Payload,
    When,
    ask_a_person,
    json_answer,
    object_of,
    path_in,
    quiet,
    text_in,
    use_of,
)
from plandrift.experiments.agents.guard.tool_use import GuardRuling
from plandrift.experiments.agents.transcripts.digest import path_of
from plandrift.experiments.agents.transcripts.knowledge import Replacement, Touch
from plandrift.experiments.agents.transcripts.mapping import Mapping

EVENTS: dict[str, When] = {
    "preToolUse": "before",
    "postToolUse": "after",
    "postToolUseFailure": "after",
    "beforeReadFile": "after",
    "preCompact": "compacted",
    "sessionEnd": "ended",
}


def event(payload: Payload, tools: Mapping) -> HostEvent:
    """Read what a hook is told; what a read showed is only in `beforeReadFile`."""
    name = str(payload.get("hook_event_name") or "")
    when = EVENTS.get(name, "nothing")
    tool, given = str(payload.get("tool_name") or ""), object_of(payload.get("tool_input"))
    roots = payload.get("workspace_roots")
    folder = str(payload.get("cwd") or (roots[0] if isinstance(roots, list) and roots else ""))
    output = object_of(payload.get("tool_output"))
    if name == "beforeReadFile":
        path, content = path_of(payload.get("file_path"), folder), payload.get("content")
        known = isinstance(content, str)
        told = HostCall("Read", {}, folder, files=[Touch("read", path, content, whole=known)] if path else [])
    elif tool == "Shell":
        shown = text_in(output, "output", "stdout")
        told = HostCall(tool, given, folder, str(given.get("command") or ""), shown)
    else:
        told = HostCall(tool, given, folder, files=_written(tool, given, folder))
    use = use_of(
        told,
        tools,
        session=payload.get("conversation_id") or payload.get("session_id"),
        call=payload.get("tool_use_id"),
        answered=when == "after",
        failed=name == "postToolUseFailure",
        text=str(payload.get("error_message") or payload.get("error") or ""),
        result=output or payload.get("tool_output"),
        program="cursor",
    )
    return HostEvent(when, use, path_in(payload.get("transcript_path")))


def _written(tool: str, given: dict[str, object], folder: str) -> list[Touch]:
    path = path_of(given.get("file_path") or given.get("path"), folder)
    if tool != "Write" or path is None:
        return []
    content, old, new = (given.get(name) for name in ("content", "old_string", "new_string"))
    if isinstance(old, str) and isinstance(new, str):
        return [Touch("write", path, replaced=(Replacement(old, new, given.get("replace_all") is True),))]
    if isinstance(content, str):
        return [Touch("write", path, after=content, after_known=True)]
    return [Touch("write", path, replaced=(Replacement("", ""),))]


FINE = {"permission": "allow"}
"""It needs a decision in any case: with failClosed, an empty answer blocks."""


def refusal(ruling: GuardRuling) -> dict[str, Any]:
    """Deny, with one text for the person and the agent."""
    text = ask_a_person(ruling)
    return {"permission": "deny", "user_message": text, "agent_message": text}


def after(text: str, payload: Payload) -> HookAnswer:
    """Put a text beside the tool's result; a read that is about to be shown waits for a decision."""
    if payload.get("hook_event_name") == "beforeReadFile":
        return json_answer(FINE)
    return quiet(text, lambda said: {"additional_context": said})


def hook(command: Sequence[str]) -> HookFile:
    """Return the project's hooks: the generic layer, and the one that has the content of a read."""
    run = {"command": shlex.join(command), "timeout": 5}
    matched = run | {"matcher": "Write|Shell|MCP:.*"}
    names = ("preToolUse", "postToolUse", "postToolUseFailure")
    return HookFile(
        ".cursor/hooks.json",
        {
            "version": 1,
            "hooks": {
                **{name: [matched] for name in names},
                **{name: [run] for name in ("beforeReadFile", "preCompact", "sessionEnd")},
            },
        },
    )


HOST = Host(
    "cursor",
    event,
    refusal,
    after,
    hook,
    "a crash or a time-out lets the call through, unless failClosed: true is in the entry",
    "whole files, in beforeReadFile; no lines of a partial read",
    FINE,
)
