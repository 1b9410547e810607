"""GitHub Copilot CLI: one JSON object; exit codes other than 0 deny, a time-out lets the call through."""

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
    quiet,
    text_in,
    use_of,
    whole_if_it_is,
)
from plandrift.experiments.agents.guard.tool_use import GuardRuling
from plandrift.experiments.agents.transcripts.copilot import printed_by, touches_of
from plandrift.experiments.agents.transcripts.mapping import Mapping


def event(payload: Payload, tools: Mapping) -> HostEvent:
    """Read what a hook is told; the event is known by its fields, because no name is given."""
    tool, given = str(payload.get("toolName") or ""), object_of(payload.get("toolArgs"))
    folder, result = str(payload.get("cwd") or ""), payload.get("toolResult")
    when: When = "before" if tool else "nothing"
    if "toolResult" in payload:
        when = "after"
    elif "reason" in payload and not tool:
        when = "ended"
    elif "trigger" in payload:
        when = "compacted"
    held = object_of(result)
    text = text_in(held, "textResultForLlm", "content") or ""
    failed = held.get("resultType") not in (None, "success")
    if tool == "bash":
        told = HostCall(tool, given, folder, str(given.get("command") or ""), printed_by(text))
    else:
        answer = {"text": text, "failed": failed} if when == "after" else {}
        found = touches_of(made_call(HostCall(tool, given, folder), answer))
        told = HostCall(tool, given, folder, files=[whole_if_it_is(touch) for touch in found])
    use = use_of(
        told,
        tools,
        session=payload.get("sessionId"),
        answered=when == "after",
        failed=failed,
        text=text,
        result=text,
        program="copilot",
    )
    return HostEvent(when, use)


def refusal(ruling: GuardRuling) -> dict[str, Any]:
    """Deny with a reason."""
    return {"permissionDecision": "deny", "permissionDecisionReason": ask_a_person(ruling)}


def after(text: str, _payload: Payload) -> HookAnswer:
    """Put a text beside the tool's result."""
    return quiet(text, lambda said: {"additionalContext": said})


def hook(command: Sequence[str]) -> HookFile:
    """Return the repository's hooks."""
    run = {"type": "command", "bash": shlex.join(command), "timeoutSec": 5}
    names = ("preToolUse", "postToolUse", "preCompact", "sessionEnd")
    return HookFile(
        ".github/hooks/plandrift.json",
        {"version": 1, "hooks": {name: [run] for name in names}},
        "the folder must be trusted; postToolUse comes only after success",
    )


HOST = Host(
    "copilot",
    event,
    refusal,
    after,
    hook,
    "a crash holds the call back; a time-out lets it through",
    "what view and plain shell reads show",
)
