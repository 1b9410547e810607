"""Fake hosts: what each tells its hooks of a read and an edit, and what it does with their answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plandrift.experiments.agents.guard.guard_settings import read_guard_settings
from plandrift.experiments.agents.guard.live_guard import LiveGuard
from plandrift.experiments.agents.guard.payloads.host import HookAnswer
from plandrift.experiments.agents.guard.resident import hooked

Payload = dict[str, Any]
OLD, NEW = "y = 2", "y = 3"


@dataclass(frozen=True)
class Verdict:
    """What a host does: whether the tool runs, whether it asks the person, and what the model reads."""

    runs: bool
    asks: bool = False
    reads: str = ""


@dataclass(frozen=True)
class FakeHost:
    """A host without a model."""

    name: str
    read: Callable[[Path, str], Payload]
    edit: Callable[[Path, int], Payload]
    edited: Callable[[Path, int], Payload]
    does: Callable[[HookAnswer], Verdict]
    after: Callable[[HookAnswer], str]


def _json(answer: HookAnswer) -> dict[str, Any]:
    return dict(json.loads(answer.out)) if answer.out.strip().startswith("{") else {}


# Claude Code (and OpenHands, whose fields are the same but for their names).


def _claude(name: str, tool: str, given: Payload, more: Payload) -> Payload:
    about = {"session_id": "s", "cwd": "/", "transcript_path": "/none", "hook_event_name": name}
    return about | {"tool_name": tool, "tool_input": given} | more


def _claude_edit(file: Path, call: int, name: str = "PreToolUse", **more: Any) -> Payload:
    given = {"file_path": str(file), "old_string": OLD, "new_string": NEW}
    return _claude(name, "Edit", given, {"tool_use_id": f"t{call}"} | more)


def _claude_read(file: Path, text: str) -> Payload:
    lines = text.count("\n") + 1
    shown = {"content": text, "startLine": 1, "numLines": lines, "totalLines": lines}
    more = {"tool_use_id": "r", "tool_response": {"type": "text", "file": shown}}
    return _claude("PostToolUse", "Read", {"file_path": str(file)}, more)


def _claude_does(answer: HookAnswer) -> Verdict:
    if answer.code == 2:
        return Verdict(False, reads=answer.error)
    if answer.code != 0:
        return Verdict(True)
    said = _json(answer).get("hookSpecificOutput", {})
    decision, reason = said.get("permissionDecision"), said.get("permissionDecisionReason", "")
    # A bare `allow` would skip the person's own prompt.
    assert decision != "allow"
    return Verdict(decision is None, decision == "ask", reason)


def _beside(answer: HookAnswer) -> str:
    return str(_json(answer).get("hookSpecificOutput", {}).get("additionalContext", ""))


CLAUDE = FakeHost(
    "claude-code",
    _claude_read,
    _claude_edit,
    lambda file, call: _claude_edit(file, call, "PostToolUse", tool_response={"filePath": str(file)}),
    _claude_does,
    _beside,
)


# Codex: no read tool, patches, and any field that it does not know makes the answer invalid.

PATCH = "*** Begin Patch\n*** Update File: {}\n@@\n-" + OLD + "\n+" + NEW + "\n*** End Patch"


def _codex_does(answer: HookAnswer) -> Verdict:
    if answer.code == 2 and answer.error:
        return Verdict(False, reads=answer.error)
    said = _json(answer)
    inner = said.get("hookSpecificOutput", {})
    known = {"hookEventName", "permissionDecision", "permissionDecisionReason", "additionalContext"}
    if answer.code or not set(said) <= {"hookSpecificOutput", "systemMessage"} or not set(inner) <= known:
        return Verdict(True)
    denied = inner.get("permissionDecision") == "deny" and bool(inner.get("permissionDecisionReason"))
    return Verdict(not denied, reads=inner.get("permissionDecisionReason", ""))


CODEX = FakeHost(
    "codex",
    lambda file, text: _claude(
        "PostToolUse", "Bash", {"command": f"cat {file}"}, {"tool_use_id": "r", "tool_response": text}
    ),
    lambda file, call: _claude(
        "PreToolUse", "apply_patch", {"command": PATCH.format(file)}, {"tool_use_id": f"t{call}"}
    ),
    lambda file, call: _claude(
        "PostToolUse",
        "apply_patch",
        {"command": PATCH.format(file)},
        {"tool_use_id": f"t{call}", "tool_response": "Done"},
    ),
    _codex_does,
    _beside,
)


# Gemini CLI: JSON counts whatever the exit code; plain text denies for every code but 0 and 1.


def _gemini(name: str, tool: str, given: Payload, **more: Any) -> Payload:
    return {
        "session_id": "s",
        "cwd": "/",
        "hook_event_name": name,
        "tool_name": tool,
        "tool_input": given,
    } | more


def _gemini_edit(file: Path, name: str, **more: Any) -> Payload:
    given = {"file_path": str(file), "old_string": OLD, "new_string": NEW}
    return _gemini(name, "replace", given, **more)


def _gemini_does(answer: HookAnswer) -> Verdict:
    said, plain = _json(answer), answer.out or answer.error
    if not said:
        return Verdict(not plain or answer.code in (0, 1), reads=plain)
    return Verdict(said.get("decision") not in ("deny", "block"), reads=said.get("reason", ""))


GEMINI = FakeHost(
    "gemini",
    lambda file, text: _gemini(
        "AfterTool", "read_file", {"file_path": str(file)}, tool_response={"llmContent": text}
    ),
    lambda file, _: _gemini_edit(file, "BeforeTool"),
    lambda file, _: _gemini_edit(file, "AfterTool", tool_response={"llmContent": "ok"}),
    _gemini_does,
    _beside,
)


# Cursor: flat JSON, failClosed in the entry, and what a read shows only in a hook of its own.


def _cursor(name: str, **more: Any) -> Payload:
    return {"conversation_id": "s", "workspace_roots": ["/"], "hook_event_name": name, "cwd": ""} | more


def _cursor_edit(file: Path, name: str, call: int) -> Payload:
    given = {"file_path": str(file), "old_string": OLD, "new_string": NEW}
    return _cursor(name, tool_name="Write", tool_input=given, tool_use_id=f"tool_{call}")


def _cursor_does(answer: HookAnswer) -> Verdict:
    if answer.code == 2:
        return Verdict(False, reads=answer.error)
    said = _json(answer)
    # With failClosed an answer without a decision blocks.
    assert said.get("permission") in ("allow", "deny")
    assert said.get("user_message") == said.get("agent_message")
    return Verdict(said["permission"] == "allow", reads=said.get("user_message", ""))


CURSOR = FakeHost(
    "cursor",
    lambda file, text: _cursor("beforeReadFile", file_path=str(file), content=text),
    lambda file, call: _cursor_edit(file, "preToolUse", call),
    lambda file, call: _cursor_edit(file, "postToolUse", call),
    _cursor_does,
    lambda answer: str(_json(answer).get("additional_context", "")),
)


# Copilot CLI: no name of the event, no id of the call; every exit code but 0 denies.


def _copilot(tool: str, given: Payload, **more: Any) -> Payload:
    return {
        "sessionId": "s",
        "timestamp": 1,
        "cwd": "/",
        "toolName": tool,
        "toolArgs": json.dumps(given),
    } | more


def _copilot_edit(file: Path, **more: Any) -> Payload:
    return _copilot("edit", {"path": str(file), "old_str": OLD, "new_str": NEW}, **more)


def _copilot_result(text: str) -> Payload:
    return {"resultType": "success", "textResultForLlm": text}


def _copilot_does(answer: HookAnswer) -> Verdict:
    if answer.code != 0:
        return Verdict(False, reads=answer.error)
    said = _json(answer)
    return Verdict(said.get("permissionDecision") != "deny", reads=said.get("permissionDecisionReason", ""))


COPILOT = FakeHost(
    "copilot",
    lambda file, text: _copilot(
        "view",
        {"path": str(file)},
        toolResult=_copilot_result(
            "\n".join(f"{n}. {line}" for n, line in enumerate(text.rstrip("\n").split("\n"), 1))
        ),
    ),
    lambda file, _: _copilot_edit(file),
    lambda file, _: _copilot_edit(file, toolResult=_copilot_result("updated")),
    _copilot_does,
    lambda answer: str(_json(answer).get("additionalContext", "")),
)


# OpenCode: what the plugin makes of the client's answer.


def _opencode(when: str, tool: str, args: Payload, call: str, **more: Any) -> Payload:
    return {
        "when": when,
        "tool": tool,
        "sessionID": "s",
        "callID": call,
        "args": args,
        "directory": "/",
    } | more


def _opencode_edit(file: Path, call: int, when: str, **more: Any) -> Payload:
    args = {"filePath": str(file), "oldString": OLD, "newString": NEW}
    return _opencode(when, "edit", args, f"c{call}", **more)


def _opencode_does(answer: HookAnswer) -> Verdict:
    denied = answer.error if answer.code == 2 else _json(answer).get("deny", "")
    return Verdict(not denied, reads=denied)


OPENCODE = FakeHost(
    "opencode",
    lambda file, text: _opencode(
        "after",
        "read",
        {"filePath": str(file)},
        "r",
        result={
            "output": "<content>\n"
            + "\n".join(f"{n}: {line}" for n, line in enumerate(text.rstrip("\n").split("\n"), 1))
            + "\n</content>"
        },
    ),
    lambda file, call: _opencode_edit(file, call, "before"),
    lambda file, call: _opencode_edit(file, call, "after", result={"output": "ok"}),
    _opencode_does,
    lambda answer: str(_json(answer).get("context", "")),
)


# OpenHands.


def _openhands(name: str, given: Payload, **more: Any) -> Payload:
    about = {"event_type": name, "session_id": "s", "working_dir": "/", "tool_name": "file_editor"}
    return about | {"tool_input": given} | more


def _openhands_edit(file: Path, name: str, **more: Any) -> Payload:
    given = {"command": "str_replace", "path": str(file), "old_str": OLD, "new_str": NEW}
    return _openhands(name, given, **more)


def _openhands_does(answer: HookAnswer) -> Verdict:
    if answer.code == 2:
        return Verdict(False, reads=answer.error)
    said = _json(answer)
    return Verdict(said.get("decision") != "deny", reads=said.get("reason", ""))


OPENHANDS = FakeHost(
    "openhands",
    lambda file, text: _openhands(
        "PostToolUse",
        {"command": "view", "path": str(file)},
        tool_response="\n".join(f"{n:6}\t{line}" for n, line in enumerate(text.rstrip("\n").split("\n"), 1)),
    ),
    lambda file, _: _openhands_edit(file, "PreToolUse"),
    lambda file, _: _openhands_edit(file, "PostToolUse", tool_response="edited"),
    _openhands_does,
    lambda answer: str(_json(answer).get("additionalContext", "")),
)

FAKES = {host.name: host for host in (CLAUDE, CODEX, GEMINI, CURSOR, COPILOT, OPENCODE, OPENHANDS)}


def guarded_project(folder: Path) -> None:
    """Make a project in which an agent has read a file, a stranger changed it, and the agent wrote it."""
    config, file = folder / "guard.toml", folder / "a.py"
    config.write_text('mode = "block"\n')
    file.write_text("x = 1\ny = 2\n")
    guard = LiveGuard(read_guard_settings(config))
    for payload in (
        CLAUDE.read(file, file.read_text()),
        CLAUDE.edit(file, 1),
        CLAUDE.edit(file, 2),
        CLAUDE.edited(file, 2),
    ):
        hooked(guard, CLAUDE.name, json.dumps(payload).encode())
        file.write_text("x = 9\ny = 2\n")
