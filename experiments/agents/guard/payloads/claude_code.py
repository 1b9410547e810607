"""Claude Code: command hooks whose answer is JSON with exit code 0; no output means no objection.

A hook never says `allow`, which would skip the person's own prompt.
"""

from __future__ import annotations

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
    object_of,
    path_in,
    quiet,
    text_in,
    use_of,
)
from plandrift.experiments.agents.guard.tool_use import GuardRuling
from plandrift.experiments.agents.transcripts.claude_code import FILES, touch_of
from plandrift.experiments.agents.transcripts.mapping import Mapping

MATCHER = "^(Edit|Write|MultiEdit|NotebookEdit|Read|Bash|mcp__.*)$"
"""Without its ends, it would start a process for TodoWrite and others as well."""
EVENTS: dict[str, When] = {
    "PreToolUse": "before",
    "PostToolUse": "after",
    "PostToolUseFailure": "after",
    "SessionEnd": "ended",
}


def event(payload: Payload, tools: Mapping) -> HostEvent:
    """Read what a hook is told."""
    name = str(payload.get("hook_event_name") or "")
    when = EVENTS.get(name, "nothing")
    if name == "SessionStart" and payload.get("source") in ("compact", "clear"):
        when = "compacted"
    tool, given = str(payload.get("tool_name") or ""), object_of(payload.get("tool_input"))
    folder = str(payload.get("cwd") or "")
    failed, response = name == "PostToolUseFailure", payload.get("tool_response")
    result = response if isinstance(response, dict) else {}
    told = HostCall(tool, given, folder)
    if tool == "Bash":
        told = HostCall(tool, given, folder, str(given.get("command") or ""), _printed(result))
    elif tool in FILES:
        answer = {"text": text_in(response, "content") or ""}
        told = HostCall(tool, given, folder, files=(touch_of(tool, given, folder, answer, result, failed),))
    use = use_of(
        told,
        tools,
        session=payload.get("session_id"),
        agent=payload.get("agent_id"),
        call=payload.get("tool_use_id"),
        answered=when == "after",
        failed=failed,
        text=str(payload.get("error") or ""),
        result=response,
        program="claude-code",
    )
    return HostEvent(when, use, path_in(payload.get("transcript_path")))


def _printed(result: dict[str, Any]) -> str | None:
    text = result.get("stdout")
    cut = ("interrupted", "isImage", "backgroundTaskId", "persistedOutputPath", "stderr")
    return None if not isinstance(text, str) or any(result.get(name) for name in cut) else text


def refusal(ruling: GuardRuling) -> dict[str, Any]:
    """Deny, or ask the person."""
    return decision("ask" if ruling.did == "asked" else "deny", ruling.text)


def decision(made: str, reason: str) -> dict[str, Any]:
    """Return a decision about a call, with its reason."""
    return {
        "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": made,
            "permissionDecisionReason": reason,
        }
    }


def after(text: str, payload: Payload) -> HookAnswer:
    """Put a text beside the tool's result; an answer that names another event is dropped."""
    name = payload.get("hook_event_name")
    return quiet(
        text, lambda said: {"hookSpecificOutput": {"hookEventName": name, "additionalContext": said}}
    )


def hook(command: Sequence[str]) -> HookFile:
    """Return the entry in the project's settings."""
    run = {"type": "command", "command": command[0], "args": list(command[1:]), "timeout": 5}
    entry = {"matcher": MATCHER, "hooks": [run]}
    started = {"matcher": "compact|clear", "hooks": [run]}
    return HookFile(
        ".claude/settings.json",
        {
            "hooks": {
                "PreToolUse": [entry],
                "PostToolUse": [entry],
                "PostToolUseFailure": [entry],
                "SessionStart": [started],
                "SessionEnd": [{"hooks": [run]}],
            }
        },
        "hooks in .claude/settings.json are also run by Copilot CLI and Cursor: do not set them up twice",
    )


HOST = Host(
    "claude-code",
    event,
    refusal,
    after,
    hook,
    "a crash or a time-out lets the call through; from 2.1.295 on, onFailure: block holds it back",
    "what Read and plain shell reads show",
)
