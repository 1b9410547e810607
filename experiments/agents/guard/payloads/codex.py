"""Codex CLI: Claude's JSON, but any unknown field makes the answer invalid; no read tool, and no `ask`."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from plandrift.experiments.agents.guard.payloads import claude_code
from plandrift.experiments.agents.guard.payloads.host import (
    HookFile,
    Host,
    HostCall,
    HostEvent,
    Payload,
    ask_a_person,
    object_of,
    path_in,
    text_in,
    use_of,
)
from plandrift.experiments.agents.guard.tool_use import GuardRuling
from plandrift.experiments.agents.transcripts.codex import patch_touch
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.patches import file_patches


def event(payload: Payload, tools: Mapping) -> HostEvent:
    """Read what a hook is told."""
    name = str(payload.get("hook_event_name") or "")
    when = "compacted" if name == "PostCompact" else claude_code.EVENTS.get(name, "nothing")
    tool, given = str(payload.get("tool_name") or ""), object_of(payload.get("tool_input"))
    folder, response = str(payload.get("cwd") or ""), payload.get("tool_response")
    command = str(given.get("command") or "")
    told = HostCall(tool, given, folder)
    if tool == "Bash":
        told = HostCall(tool, given, folder, command, text_in(response, "output", "stdout", "content"))
    elif tool == "apply_patch":
        told = HostCall(tool, given, folder, files=[patch_touch(p, folder) for p in file_patches(command)])
    use = use_of(
        told,
        tools,
        session=payload.get("session_id"),
        agent=payload.get("agent_id"),
        call=payload.get("tool_use_id"),
        answered=when == "after",
        result=response,
        program="codex",
    )
    return HostEvent(when, use, path_in(payload.get("transcript_path")))


def refusal(ruling: GuardRuling) -> dict[str, Any]:
    """Deny with a reason, also where Claude Code would ask the person."""
    return claude_code.decision("deny", ask_a_person(ruling))


def hook(command: Sequence[str]) -> HookFile:
    """Return the project's hooks."""
    run = {"type": "command", "command": shlex.join(command), "timeout": 5}
    entry = {"matcher": "Bash|apply_patch|mcp__.*", "hooks": [run]}
    return HookFile(
        ".codex/hooks.json",
        {
            "hooks": {
                "PreToolUse": [entry],
                "PostToolUse": [entry],
                "PostCompact": [{"hooks": [run]}],
                # Codex allows no more there.
                "SessionEnd": [{"hooks": [run | {"timeout": 3}]}],
            }
        },
        "trust the new hook once with /hooks in Codex: an untrusted one is skipped without a word",
    )


HOST = Host(
    "codex",
    event,
    refusal,
    claude_code.after,
    hook,
    "a crash, a time-out or an invalid answer lets the call through",
    "plain shell reads only: there is no read tool",
)
