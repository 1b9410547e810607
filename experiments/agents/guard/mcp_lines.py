"""The lines of MCP over stdio, one JSON-RPC message each: what a proxy reads of them, and what it writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

MODERN = "io.modelcontextprotocol/"
"""How the keys of `_meta` begin that each request carries since 2026-07-28, when there is no handshake."""
CALL, LIST, CANCELLED = "tools/call", "tools/list", "notifications/cancelled"


@dataclass(frozen=True)
class ToolCall:
    """A request to call a tool.

    Attributes:
        line: the line as it came.
        message: its content.
        key: the id as text, in which 7 and "7" differ.
    """

    line: bytes
    message: dict[str, Any]
    key: str

    @property
    def params(self) -> dict[str, Any]:
        """Return its parameters."""
        held = self.message.get("params")
        return held if isinstance(held, dict) else {}

    @property
    def name(self) -> str:
        """Return the tool's name."""
        return str(self.params.get("name", ""))

    @property
    def given(self) -> dict[str, Any]:
        """Return the tool's arguments."""
        held = self.params.get("arguments")
        return held if isinstance(held, dict) else {}

    def carrying(self, name: str, value: Any) -> ToolCall:
        """Return the call with one more argument; everything else stays as it was."""
        params = {**self.params, "arguments": {**self.given, name: value}}
        message = {**self.message, "params": params}
        return replace(self, line=line_of(message), message=message)

    def refused(self, text: str) -> bytes:
        """Return the line that answers it as a tool answers that failed, which the model reads."""
        result: dict[str, Any] = {"content": [{"type": "text", "text": text}], "isError": True}
        meta = self.params.get("_meta")
        if isinstance(meta, dict) and any(str(key).startswith(MODERN) for key in meta):
            result["resultType"] = "complete"
        return line_of({"jsonrpc": "2.0", "id": self.message["id"], "result": result})

    def repeated(self, id: str) -> bytes:
        """Return the line that makes the same call for the guard itself, without a report of its progress."""
        meta = {k: v for k, v in dict(self.params.get("_meta") or {}).items() if k != "progressToken"}
        params = {k: v for k, v in self.params.items() if k != "_meta"} | ({"_meta": meta} if meta else {})
        return line_of({**self.message, "id": id, "params": params})


def line_of(message: Mapping[str, Any]) -> bytes:
    """Return a message as a line."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def message_of(line: bytes) -> dict[str, Any] | None:
    """Return the message in a line; None if it is no JSON object."""
    try:
        held = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return held if isinstance(held, dict) else None


def key_of(message: Mapping[str, Any]) -> str | None:
    """Return the id of a request or an answer as text; None if it has none."""
    id = message.get("id")
    return json.dumps(id) if isinstance(id, int | str) and not isinstance(id, bool) else None


def is_answer(message: Mapping[str, Any]) -> bool:
    """Say whether it answers a request, as opposed to being one or a notice."""
    return "method" not in message and ("result" in message or "error" in message)


def output_of(result: Mapping[str, Any]) -> Any:
    """Return what a tool gave: its structured content or, where there is none, its text."""
    if result.get("structuredContent") is not None:
        return result["structuredContent"]
    content = result.get("content")
    parts = content if isinstance(content, list) else []
    texts = [p.get("text") for p in parts if isinstance(p, dict) and p.get("type") == "text"]
    return "\n".join(text for text in texts if isinstance(text, str))


def with_text(message: Mapping[str, Any], text: str) -> bytes | None:
    """Return an answer of a tool with one more text; None if it has no place for one."""
    result = message.get("result")
    if not isinstance(result, dict) or not isinstance(result.get("content"), list):
        return None
    content = [*result["content"], {"type": "text", "text": text}]
    return line_of({**message, "result": {**result, "content": content}})
