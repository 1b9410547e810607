"""Gemini CLI: a decision and a reason as JSON; no ids of calls: an answer is matched by arguments."""

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
    made_call,
    object_of,
    path_in,
    quiet,
    text_in,
    use_of,
    whole_if_it_is,
)
from plandrift.experiments.agents.guard.tool_use import GuardRuling
from plandrift.experiments.agents.transcripts.gemini import SHELL, printed_by, touch_of
from plandrift.experiments.agents.transcripts.mapping import Mapping

EVENTS: dict[str, When] = {
    "BeforeTool": "before",
    "AfterTool": "after",
    "PreCompress": "compacted",
    "SessionEnd": "ended",
}


def event(payload: Payload, tools: Mapping) -> HostEvent:
    """Read what a hook is told."""
    when = EVENTS.get(str(payload.get("hook_event_name") or ""), "nothing")
    tool, given = str(payload.get("tool_name") or ""), object_of(payload.get("tool_input"))
    folder, response = str(payload.get("cwd") or ""), object_of(payload.get("tool_response"))
    text = text_in(response, "llmContent") or ""
    failed = response.get("error") not in (None, {}, "")
    if tool == SHELL:
        told = HostCall(tool, given, folder, str(given.get("command") or ""), printed_by(text))
    else:
        shown = HostCall(tool, given, folder)
        touch = touch_of(made_call(shown, {"text": text, "failed": failed} if when == "after" else {}))
        told = HostCall(tool, given, folder, files=(whole_if_it_is(touch),) if touch.fluent else ())
    use = use_of(
        told,
        tools,
        session=payload.get("session_id"),
        answered=when == "after",
        failed=failed,
        text=str(response.get("error") or ""),
        result=text,
        program="gemini",
    )
    return HostEvent(when, use, path_in(payload.get("transcript_path")))


def refusal(ruling: GuardRuling) -> dict[str, Any]:
    """Deny with a reason, and tell the person if they are to decide."""
    said = {"decision": "deny", "reason": ask_a_person(ruling)}
    return said | ({"systemMessage": ruling.text} if ruling.did == "asked" else {})


def after(text: str, _payload: Payload) -> HookAnswer:
    """Put a text beside the tool's result."""
    return quiet(text, lambda said: {"hookSpecificOutput": {"additionalContext": said}})


def hook(command: Sequence[str]) -> HookFile:
    """Return the entry in the project's settings; its time-outs are in milliseconds."""
    run = {"type": "command", "name": "plandrift", "command": shlex.join(command), "timeout": 5000}
    entry = {"matcher": "replace|write_file|read_file|run_shell_command|mcp_.*", "hooks": [run]}
    return HookFile(
        ".gemini/settings.json",
        {
            "hooks": {
                "BeforeTool": [entry],
                "AfterTool": [entry],
                "PreCompress": [{"hooks": [run]}],
                "SessionEnd": [{"hooks": [run]}],
            }
        },
    )


HOST = Host(
    "gemini",
    event,
    refusal,
    after,
    hook,
    "a crash holds the call back unless its exit code is 1; a time-out lets it through",
    "what read_file and plain shell reads show",
)
