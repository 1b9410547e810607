"""A small transcript of our own writing in each of the formats that `samples` does not have."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.experiments.agents.transcripts.samples import (
    BEGIN,
    FOLDER,
    claude_session,
    codex_rollout,
    opencode_export,
    otel_spans,
    stamp,
)

BEFORE, AFTER = "a = 1\nb = 2\n", "a = 1\nb = 3\n"


def copilot_events(folder: Path) -> Path:
    """A view of the whole, an edit, a shell read by a subagent, and a new file."""

    def event(kind: str, at: float, data: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"type": kind, "data": data, "id": f"e{at}", "timestamp": stamp(at), "parentId": None} | more

    def call(id: str, at: float, tool: str, given: Any, result: Any, **more: Any) -> list[dict[str, Any]]:
        telemetry = {"metrics": {"resultLength": 9, "resultForLlmLength": 9}}
        done = {"toolCallId": id, "success": True, "result": result, "toolTelemetry": telemetry}
        return [
            event(
                "tool.execution_start", at, {"toolCallId": id, "toolName": tool, "arguments": given}, **more
            ),
            event("tool.execution_complete", at + 0.5, done, **more),
        ]

    path = f"{FOLDER}/a.py"
    diff = (
        f"\ndiff --git a{path} b{path}\n--- a{path}\n+++ b{path}\n@@ -1,2 +1,2 @@\n a = 1\n-b = 2\n+b = 3\n"
    )
    start = {"sessionId": "p1", "copilotVersion": "1.0.64", "context": {"cwd": FOLDER}}
    lines = [
        event("session.start", 0, start),
        event("user.message", 1, {"content": "set b"}),
        *call("t1", 2, "view", {"path": path}, {"content": "1. a = 1\n2. b = 2\n3. "}),
        *call("t0", 3, "report_intent", {"intent": "edit"}, {"content": "noted"}),
        *call(
            "t2",
            4,
            "edit",
            json.dumps({"path": path, "old_str": "b = 2", "new_str": "b = 3"}),
            {"content": f"File {path} updated with changes.", "detailedContent": diff},
        ),
        *call(
            "t3",
            6,
            "bash",
            {"command": "cat a.py"},
            {"content": f"{AFTER}<shellId: 0 completed with exit code 0>"},
            agentId="sub",
        ),
        *call(
            "t4",
            8,
            "create",
            {"path": f"{FOLDER}/new.py", "file_text": "x\n"},
            {"content": "Created", "detailedContent": "\ndiff --git a b\ncreate file mode 100644\n+x\n"},
        ),
    ]
    return _lines(folder / "events.jsonl", lines)


def gemini_session(folder: Path) -> Path:
    """Lines in which a message grows, is compressed away, and is done all the same."""

    def call(id: str, name: str, at: float, given: Any, output: str, **more: Any) -> dict[str, Any]:
        result = [{"functionResponse": {"id": id, "name": name, "response": {"output": output}}}]
        made = {"id": id, "name": name, "args": given, "result": result, "status": "success"}
        return made | {"timestamp": stamp(at)} | more

    def message(id: str, at: float, kind: str, **more: Any) -> dict[str, Any]:
        return {"id": id, "timestamp": stamp(at), "type": kind, "content": ""} | more

    read = call("g1", "read_file", 2.5, {"file_path": "a.py"}, BEFORE)
    shown = {"fileName": "a.py", "filePath": "a.py", "isNewFile": False}
    shown |= {"originalContent": "# by another\n" + BEFORE, "newContent": "# by another\n" + AFTER}
    given = {"file_path": "a.py", "old_string": "b = 2", "new_string": "b = 3"}
    lines = [
        {"sessionId": "m1", "projectHash": "0123456789abcdef", "startTime": stamp(0), "kind": "main"},
        message("u1", 1, "user"),
        message("r1", 2, "gemini", toolCalls=[{k: v for k, v in read.items() if k != "result"}]),
        message("r1", 2, "gemini", toolCalls=[read]),
        message(
            "r2", 5, "gemini", toolCalls=[call("g2", "replace", 5.5, given, "done", resultDisplay=shown)]
        ),
        {"$set": {"messages": [message("c1", 6, "user")]}},
        message(
            "r3",
            7,
            "gemini",
            toolCalls=[
                call("g3", "run_shell_command", 8, {"command": "cat a.py"}, "Output: (empty)\nExit Code: 1")
            ],
        ),
    ]
    return _lines(folder / "chat.json", lines)


def openhands_conversation(folder: Path) -> Path:
    """Events in files of their own: a view, an edit of what somebody had changed, and a branch given up."""
    events = folder / "conversation" / "c1" / "events"
    events.mkdir(parents=True)
    (events.parent / "base_state.json").write_text(json.dumps({"workspace": {"working_dir": FOLDER}}))
    path = f"{FOLDER}/a.py"
    shown = "Here's the result of running `cat -n` on a.py:\n     1\ta = 1\n     2\tb = 2\n"
    given = {"kind": "FileEditorAction", "path": path}
    edit = given | {"command": "str_replace", "old_str": "b = 2", "new_str": "b = 3"}
    seen = {"kind": "FileEditorObservation", "prev_exist": True}
    changed = seen | {
        "content": "done",
        "old_content": "# by another\n" + BEFORE,
        "new_content": "# by another\n" + AFTER,
    }
    run = {"kind": "TerminalAction", "command": "cat a.py"}
    steps: list[tuple[str, dict[str, Any]]] = [
        ("MessageEvent", {"source": "user"}),
        (
            "ActionEvent",
            {"tool_name": "file_editor", "tool_call_id": "h1", "action": given | {"command": "view"}},
        ),
        (
            "ObservationEvent",
            {"tool_call_id": "h1", "observation": seen | {"content": [{"type": "text", "text": shown}]}},
        ),
        ("ActionEvent", {"tool_name": "terminal", "tool_call_id": "h0", "action": run, "parent_id": "2"}),
        ("ActionEvent", {"tool_name": "file_editor", "tool_call_id": "h2", "action": edit, "parent_id": "2"}),
        ("ObservationEvent", {"tool_call_id": "h2", "observation": changed, "parent_id": "4"}),
        ("ActionEvent", {"tool_name": "terminal", "tool_call_id": "h3", "action": run, "parent_id": "5"}),
        ("AgentErrorEvent", {"tool_call_id": "h3", "error": "no such file", "parent_id": "6"}),
    ]
    for number, (kind, more) in enumerate(steps):
        event = {"kind": kind, "id": str(number), "timestamp": stamp(number).rstrip("Z")} | more
        (events / f"event-{number:05}.json").write_text(json.dumps(event))
    return folder / "conversation"


def openhands_trajectory(folder: Path) -> Path:
    """The older form: one list."""
    edit = {"path": f"{FOLDER}/a.py", "command": "str_replace", "old_str": "b = 2", "new_str": "b = 3"}
    extras = {"path": f"{FOLDER}/a.py", "prev_exist": True, "old_content": BEFORE, "new_content": AFTER}
    events = [
        {"id": 0, "source": "user", "action": "message", "args": {"content": "set b"}},
        {"id": 1, "source": "agent", "action": "run", "args": {"command": f"cat {FOLDER}/a.py"}},
        {
            "id": 2,
            "cause": 1,
            "observation": "run",
            "content": BEFORE,
            "extras": {"metadata": {"exit_code": 0}},
        },
        {"id": 3, "source": "agent", "action": "edit", "args": edit},
        {"id": 4, "cause": 3, "observation": "edit", "content": "done", "extras": extras},
    ]
    for number, event in enumerate(events):
        event["timestamp"] = stamp(number).rstrip("Z")
    path = folder / "trajectory.json"
    path.write_text(json.dumps(events))
    return path


def swe_trajectory(folder: Path) -> Path:
    """A window on the whole file, an edit that is refused, one that is made, and a command."""
    window = "[File: a.py (2 lines total)]\r\n1:a = 1\r\n2:b = 2"
    refused = "Your proposed edit has introduced new syntax error(s)."
    steps = [
        ("open a.py", window),
        ("edit 'b = 2' 'b ='", refused),
        ("edit 'b = 2' 'b = 3'", "Text replaced."),
        ("cat a.py", AFTER),
        ("cat b.py", "cat: b.py: No such file or directory"),
        ("str_replace_editor view /shop/c.py --view_range 1 2", "     1\tx\n     2\ty\n"),
        ("submit", ""),
    ]
    state = {"open_file": f"{FOLDER}/a.py", "working_dir": FOLDER}
    trajectory = [
        {"action": action, "observation": seen, "execution_time": 0.5, "state": json.dumps(state)}
        for action, seen in steps
    ]
    path = folder / "fix.traj"
    path.write_text(json.dumps({"trajectory": trajectory, "info": {"swe_agent_version": "1.1.0"}}))
    return path


def mini_trajectory(folder: Path) -> Path:
    """Version 2, with times; the command of the last message is only in its text."""
    messages: list[dict[str, Any]] = [{"role": "system", "content": "s", "extra": {"timestamp": BEGIN}}]
    for number, (command, code, output) in enumerate(
        (
            ("cat a.py", 0, BEFORE),
            ("sed -i 's/2/3/' a.py", 0, ""),
            ("cat a.py", 0, AFTER),
            ("cat b.py", 1, ""),
        )
    ):
        extra = {"actions": [{"command": command}], "timestamp": BEGIN + 2 * number}
        messages.append({"role": "assistant", "content": "", "extra": extra})
        extra = {"returncode": code, "raw_output": output, "timestamp": BEGIN + 2 * number + 1}
        messages.append({"role": "tool", "content": "", "extra": extra})
    messages.append({"role": "assistant", "content": "Now:\n\n```mswea_bash_command\ncat a.py\n```"})
    messages.append({"role": "user", "content": f"<returncode>0</returncode>\n<output>\n{AFTER}</output>"})
    info = {"mini_version": "2.0.0", "config": {"environment": {"cwd": FOLDER}}}
    path = folder / "fix.traj.json"
    path.write_text(json.dumps({"info": info, "messages": messages}))
    return path


def aider_history(folder: Path) -> Path:
    """Two prompts: an edit that is applied, and one that no longer fits."""
    block = "a.py\n```python\n<<<<<<< SEARCH\nb = 2\n=======\nb = 3\n>>>>>>> REPLACE\n```\n"
    missed = "> ## SearchReplaceNoExactMatch: This SEARCH block failed to exactly match lines in a.py\n"
    path = folder / ".aider.chat.history.md"
    path.write_text(
        "\n# aider chat started at 2026-01-01 00:00:00\n\n> Aider v0.86.0  \n> Added a.py to the chat.  \n\n"
        f"#### set b  \n#### to 3  \n\nSo:\n\n{block}\n> Applied edit to a.py  \n> Commit 0123abc set b  \n\n"
        f"#### again  \n\n{block}\n{missed}"
    )
    return path


def _lines(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


SAMPLES: dict[str, Callable[[Path], Path]] = {
    "claude-code": lambda folder: claude_session().save(folder / "session.jsonl"),
    "codex": lambda folder: codex_rollout(folder / "rollout.jsonl"),
    "opencode": lambda folder: opencode_export(folder / "export.json"),
    "otel": lambda folder: otel_spans(folder)[0],
    "copilot": copilot_events,
    "gemini": gemini_session,
    "openhands": openhands_conversation,
    "swe-agent": swe_trajectory,
    "mini-swe-agent": mini_trajectory,
    "aider": aider_history,
}
"""What writes a transcript of each format into a folder, and returns it."""
