"""Small transcripts of our own writing, one a format, and the lines that they are made of."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from plandrift.experiments.agents.transcripts.importing import import_path

BEGIN = 1_767_225_600.0
FOLDER = "/home/ada/shop"
ORIGINAL = "def total(prices):\n    return sum(prices)\n"
FORMATTED = 'def total(prices: "list") -> float:\n    return sum(prices)\n'


def stamp(seconds: float) -> str:
    made = datetime.fromtimestamp(BEGIN + seconds, UTC).isoformat(timespec="milliseconds")
    return made.replace("+00:00", "Z")


class Claude:
    """A session file of Claude Code being written."""

    def __init__(self, session: str = "s1", folder: str = FOLDER) -> None:
        self.session, self.folder = session, folder
        self.lines: list[dict[str, Any]] = []

    def line(self, kind: str, at: float, content: Any, **more: Any) -> dict[str, Any]:
        made = {
            "type": kind,
            "uuid": f"{self.session}-{len(self.lines)}",
            "parentUuid": f"{self.session}-{len(self.lines) - 1}" if self.lines else None,
            "sessionId": self.session,
            "cwd": self.folder,
            "timestamp": stamp(at),
            "message": {"role": kind, "content": content},
        } | more
        self.lines.append(made)
        return made

    def says(self, at: float, text: str) -> None:
        self.line("user", at, text)

    def call(
        self,
        tool: str,
        at: float,
        until: float | None,
        given: dict[str, Any],
        result: Any = None,
        text: str = "done",
        error: bool = False,
        **more: Any,
    ) -> str:
        id = f"toolu_{self.session}_{len(self.lines)}"
        self.line("assistant", at, [{"type": "tool_use", "id": id, "name": tool, "input": given}], **more)
        if until is not None:
            part: dict[str, Any] = {"type": "tool_result", "tool_use_id": id, "content": text}
            if error:
                part["is_error"] = True
            self.line("user", until, [part], toolUseResult=result, **more)
        return id

    def reads(self, path: str, at: float, content: str, **more: Any) -> None:
        lines = content.count("\n") + 1
        file = {"filePath": path, "content": content, "numLines": lines, "startLine": 1, "totalLines": lines}
        self.call("Read", at, at + 0.01, {"file_path": path}, {"type": "text", "file": file | more})

    def edits(self, path: str, at: float, before: str, old: str, new: str, until: float = 0.05) -> None:
        given = {"file_path": path, "old_string": old, "new_string": new}
        result = {
            "filePath": path,
            "oldString": old,
            "newString": new,
            "originalFile": before,
            "structuredPatch": [],
            "userModified": False,
            "replaceAll": False,
        }
        self.call("Edit", at, at + until, given, result)

    def fails(self, path: str, at: float, old: str, new: str, text: str) -> None:
        given = {"file_path": path, "old_string": old, "new_string": new}
        self.call("Edit", at, at + 0.02, given, f"Error: {text}", text, error=True)

    def writes(self, path: str, at: float, before: str | None, content: str) -> None:
        kind = "create" if before is None else "update"
        result = {"type": kind, "filePath": path, "content": content, "originalFile": before}
        self.call("Write", at, at + 0.05, {"file_path": path, "content": content}, result)

    def runs(self, command: str, at: float, until: float) -> None:
        self.call("Bash", at, until, {"command": command}, {"stdout": "", "stderr": "", "interrupted": False})

    def save(self, path: Path) -> Path:
        path.write_text("".join(json.dumps(line) + "\n" for line in self.lines))
        return path


def claude_session() -> Claude:
    """An agent that reads, edits, is overtaken by its own formatter, errs, and loses somebody's change."""
    made = Claude()
    path = f"{FOLDER}/total.py"
    made.says(0, "add types")
    made.reads(path, 2, ORIGINAL)
    made.edits(path, 5, ORIGINAL, "def total(prices):", "def total(prices: list):")
    edited = ORIGINAL.replace("(prices):", "(prices: list):")
    made.runs("ruff format .", 8, 9)
    # The formatter has quoted the type: an edit of another line still finds its text.
    formatted = edited.replace("list", '"list"')
    made.edits(path, 12, formatted, "return sum(prices)", "return float(sum(prices))")
    now = formatted.replace("return sum(prices)", "return float(sum(prices))")
    # Somebody takes the function away; the edit's text had stood in what the agent knew.
    made.fails(path, 80, "return float(sum(prices))", "return 0", "String to replace not found in file.")
    made.fails(path, 90, "never there", "x", "String to replace not found in file.")
    made.says(100, "write it anew")
    made.writes(path, 110, now + "# by a colleague\n", "pass\n")
    made.fails("other.py", 115, "a", "b", "File has not been read yet. Read it first before writing to it.")
    return made


def operations_file(folder: Path) -> Path:
    """The operations of that session."""
    session = claude_session().save(folder / "session.jsonl")
    import_path(session, "claude-code", folder / "ops.parquet")
    return folder / "ops.parquet"


def codex_rollout(path: Path) -> Path:
    """A rollout: a shell command, a patch with what came of it, a plan, and one that fails."""
    patch = f"*** Begin Patch\n*** Update File: {FOLDER}/a.py\n@@\n x = 1\n-y = 2\n+y = 3\n*** End Patch"
    lines = [
        ("session_meta", 0, {"id": "c1", "cwd": FOLDER}),
        ("event_msg", 1, {"type": "user_message", "message": "set y"}),
        (
            "response_item",
            3,
            {
                "type": "function_call",
                "name": "exec_command",
                "call_id": "k1",
                "arguments": json.dumps({"cmd": "cat a.py"}),
            },
        ),
        (
            "response_item",
            4,
            {
                "type": "function_call_output",
                "call_id": "k1",
                "output": "Chunk ID: a1\nWall time: 0.1 seconds\nProcess exited with code 0\n"
                "Original token count: 4\nOutput:\nx = 1\ny = 2\n",
            },
        ),
        (
            "response_item",
            7,
            {"type": "custom_tool_call", "name": "apply_patch", "call_id": "k2", "input": patch},
        ),
        (
            "event_msg",
            7.1,
            {
                "type": "patch_apply_end",
                "call_id": "k2",
                "success": True,
                "changes": {
                    f"{FOLDER}/a.py": {
                        "type": "update",
                        "unified_diff": "@@ -1,2 +1,2 @@\n x = 1\n-y = 2\n+y = 3\n",
                    },
                    f"{FOLDER}/new.py": {"type": "add", "content": "z = 1\n"},
                },
            },
        ),
        (
            "response_item",
            7.2,
            {"type": "custom_tool_call_output", "call_id": "k2", "output": "Exit code: 0\nOutput:\nSuccess"},
        ),
        (
            "response_item",
            9,
            {
                "type": "function_call",
                "name": "update_plan",
                "call_id": "k3",
                "arguments": json.dumps({"plan": [{"step": "set y", "status": "in_progress"}]}),
            },
        ),
        ("response_item", 9.1, {"type": "function_call_output", "call_id": "k3", "output": "Plan updated"}),
        (
            "response_item",
            12,
            {"type": "custom_tool_call", "name": "apply_patch", "call_id": "k4", "input": patch},
        ),
        (
            "response_item",
            12.5,
            {
                "type": "custom_tool_call_output",
                "call_id": "k4",
                "output": "apply_patch verification failed: Failed to find expected lines",
            },
        ),
    ]
    path.write_text(
        "".join(json.dumps({"timestamp": stamp(at), "type": k, "payload": p}) + "\n" for k, at, p in lines)
    )
    return path


def opencode_export(path: Path) -> Path:
    """An export: a read, a patch with what was there before and after, one by another hand in between."""

    def tool(name: str, start: float, end: float, given: Any, output: str, **metadata: Any) -> dict[str, Any]:
        time = {"start": int((BEGIN + start) * 1000), "end": int((BEGIN + end) * 1000)}
        state = {
            "status": "completed",
            "input": given,
            "output": output,
            "time": time,
            "metadata": metadata,
        }
        return {"type": "tool", "tool": name, "callID": f"{name}-{start}", "state": state}

    file = f"{FOLDER}/a.ts"
    numbered = "1: const a = 1\n2: const b = 2\n\n(End of file - total 2 lines)"
    shown = f"<path>{file}</path>\n<content>{numbered}\n</content>"
    edit = {"filePath": file, "oldString": "const a = 1", "newString": "const a = 3"}
    before = "// moved\nconst a = 1\nconst b = 2\n"
    after = before.replace("a = 1", "a = 3")
    parts = [
        tool("read", 2, 2.1, {"filePath": file}, shown),
        tool("bash", 4, 5, {"command": "npx prettier --write ."}, ""),
        tool("edit", 70, 70.1, edit, "", filediff={"file": file, "before": before, "after": after}),
    ]
    user = {"info": {"role": "user", "time": {"created": int(BEGIN * 1000)}}, "parts": []}
    messages = [user, {"info": {"role": "assistant"}, "parts": parts}]
    path.write_text(json.dumps({"info": {"id": "ses_1", "directory": FOLDER}, "messages": messages}))
    return path


MAPPING = """
[tools.get_ticket]
reads = "ticket/{input.id}"
seen = "output.ticket"
version = "output.etag"

[tools.close_ticket]
writes = ["ticket/{input.id}"]
version = "input.if_match"
before = "output.was"
after = "output.ticket"
"""


def otel_spans(folder: Path) -> tuple[Path, Path]:
    """Spans of a ticket that is read, changed by somebody, and closed; one of another operation."""

    def span(name: str, start: float, given: Any, result: Any, operation: str = "execute_tool") -> Any:
        attributes = {
            "gen_ai.operation.name": operation,
            "gen_ai.tool.name": name,
            "gen_ai.tool.call.id": f"{name}-{start}",
            "gen_ai.conversation.id": "o1",
            "gen_ai.tool.call.arguments": json.dumps(given),
            "gen_ai.tool.call.result": json.dumps(result),
        }
        return {
            "traceId": "t",
            "spanId": f"{start}",
            "startTimeUnixNano": str(int((BEGIN + start) * 1e9)),
            "endTimeUnixNano": str(int((BEGIN + start + 0.5) * 1e9)),
            "attributes": [{"key": k, "value": {"stringValue": v}} for k, v in attributes.items()],
        }

    spans = [
        span("get_ticket", 1, {"id": 7}, {"ticket": "open", "etag": "3"}),
        span("chat", 2, {}, {}, operation="chat"),
        span("close_ticket", 9, {"id": 7, "if_match": "3"}, {"was": "on hold", "ticket": "closed"}),
    ]
    log = folder / "spans.jsonl"
    together = {"resourceSpans": [{"scopeSpans": [{"spans": spans[:2]}]}]}
    log.write_text(json.dumps(together) + "\n" + json.dumps(spans[2]) + "\n")
    mapping = folder / "tools.toml"
    mapping.write_text(MAPPING)
    return log, mapping


def entire_repository(folder: Path, agent: str = "Claude Code") -> Path:
    """A repository with the branch that Entire writes, the session twice on it."""
    place = folder / "ab" / "0123456789" / "0"
    place.mkdir(parents=True)
    session = claude_session()
    session.save(place / "full.jsonl")
    (place / "metadata.json").write_text(json.dumps({"agent": agent}))
    again = folder / "cd" / "0123456789" / "0"
    again.mkdir(parents=True)
    session.lines = session.lines[:7]
    session.save(again / "full.jsonl")
    git = ["git", "-C", str(folder), "-c", "user.name=ada", "-c", "user.email=ada@example.org"]
    for words in (
        ["init", "-q", "-b", "entire/checkpoints/v1"],
        ["add", "."],
        ["commit", "-qm", "checkpoint"],
    ):
        subprocess.run([*git, *words], check=True, capture_output=True)
    return folder
