"""OpenHands: a decision and a reason as JSON."""

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
    object_of,
    quiet,
    text_in,
    use_of,
    whole_if_it_is,
)
from plandrift.experiments.agents.guard.tool_use import GuardRuling
from plandrift.experiments.agents.transcripts.digest import path_of
from plandrift.experiments.agents.transcripts.file_editor import editor_touch
from plandrift.experiments.agents.transcripts.mapping import Mapping

EVENTS: dict[str, When] = {"PreToolUse": "before", "PostToolUse": "after", "SessionEnd": "ended"}
TERMINALS = ("terminal", "execute_bash", "bash")


def event(payload: Payload, tools: Mapping) -> HostEvent:
    """Read what a hook is told."""
    when = EVENTS.get(str(payload.get("event_type") or ""), "nothing")
    tool, given = str(payload.get("tool_name") or ""), object_of(payload.get("tool_input"))
    folder, response = str(payload.get("working_dir") or ""), payload.get("tool_response")
    held = object_of(response)
    text = text_in(response, "content", "output", "text") or ""
    failed = held.get("is_error") is True or held.get("exit_code") not in (None, 0)
    path = path_of(given.get("path"), folder)
    if tool in TERMINALS:
        told = HostCall(tool, given, folder, str(given.get("command") or ""), text)
    elif path is not None and isinstance(given.get("command"), str):
        touch = whole_if_it_is(editor_touch(path, given, text))
        told = HostCall(tool, given, folder, files=(touch,))
    else:
        told = HostCall(tool, given, folder)
    use = use_of(
        told,
        tools,
        session=payload.get("session_id"),
        answered=when == "after",
        failed=failed,
        text=text,
        result=response,
        program="openhands",
    )
    return HostEvent(when, use)


def refusal(ruling: GuardRuling) -> dict[str, Any]:
    """Deny with a reason."""
    return {"decision": "deny", "reason": ask_a_person(ruling)}


def after(text: str, _payload: Payload) -> HookAnswer:
    """Put a text beside the tool's result."""
    return quiet(text, lambda said: {"additionalContext": said})


def hook(command: Sequence[str]) -> HookFile:
    """Return the project's hooks."""
    run = {"type": "command", "command": shlex.join(command), "timeout": 5}
    entry = {"matcher": "file_editor|terminal|execute_bash", "hooks": [run]}
    return HookFile(
        ".openhands/hooks.json",
        {"hooks": {"PreToolUse": [entry], "PostToolUse": [entry], "SessionEnd": [{"hooks": [run]}]}},
    )


HOST = Host(
    "openhands",
    event,
    refusal,
    after,
    hook,
    "a crash or a time-out lets the call through",
    "what view and plain shell reads show",
)
