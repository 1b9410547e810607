"""The guard on the tool calls of one MCP client: what passes, what is refused, what is added and learned.

It never answers for the server, except for a call that it holds back. In mode `shadow` it changes no byte.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from threading import Event, RLock
from typing import Any

from plandrift.experiments.agents.guard.disk import looked, meant
from plandrift.experiments.agents.guard.guard_settings import GuardSettings
from plandrift.experiments.agents.guard.live_guard import LiveGuard
from plandrift.experiments.agents.guard.mcp_lines import (
    CALL,
    CANCELLED,
    LIST,
    ToolCall,
    is_answer,
    key_of,
    message_of,
    output_of,
    with_text,
)
from plandrift.experiments.agents.guard.tool_use import ToolUse
from plandrift.experiments.agents.transcripts.knowledge import Touch
from plandrift.experiments.agents.transcripts.mapping import at_place

PROGRAM = "mcp"
OWN = b"plandrift-guard-"
"""How the ids of the guard's own calls begin."""
TAKES = ("if_match", "etag", "sha", "expected_version", "version", "hash")
"""The names under which servers take a version with a write."""
LOOK_LIMIT = 2.0
"""The seconds that a look by the guard itself may take; without its answer the call is not judged."""
MOST = 1000
"""The most calls that are remembered while nobody answers them; the oldest are forgotten."""
FAILED = "the guard itself failed, and guard.toml says that a call is then not made"


@dataclass
class PendingCall:
    """A call that was passed on and not answered yet."""

    call: ToolCall
    use: ToolUse


@dataclass
class _Look:
    """A read that the guard makes itself."""

    came: Event
    result: dict[str, Any] | None = None


class McpGuard:
    """The guard of one client and one server; its methods may be called from several threads."""

    def __init__(
        self, settings: GuardSettings, send: Callable[[bytes], None], say: Callable[[str], None]
    ) -> None:
        """Begin a session.

        Args:
            settings: what `guard.toml` says.
            send: sends a line to the server.
            say: tells the person something, in a line.
        """
        self.settings, self._send, self._say = settings, send, say
        self._live, self._turn = LiveGuard(settings), RLock()
        self._session = f"{PROGRAM} {os.getpid()} {time.time_ns()}"
        self._pending: dict[str, PendingCall] = {}
        self._waiting: dict[str, ToolUse] = {}
        self._lists: set[str] = set()
        self._judging: set[str] = set()
        self._cancelled: set[str] = set()
        self._looks: dict[str, _Look] = {}
        self._reads: dict[str, ToolCall] = {}
        self._places: dict[str, str] = {}
        self._schemas: dict[str, dict[str, Any]] = {}
        self._numbers, self._ids = count(1), count(1)
        # What the log knows is read before the first call, which would have to wait for it.
        self._live.after(ToolUse(self._session, "", "start"))

    # From the client.

    def concerns(self, line: bytes) -> ToolCall | None:
        """Return the call in a line of the client if it is one that `guard.toml` maps, else None."""
        if b"tools/" not in line and b"/cancelled" not in line:
            return None
        message = message_of(line)
        if message is not None and message.get("method") == CANCELLED:
            params = message.get("params")
            gone = key_of({"id": params.get("requestId")}) if isinstance(params, dict) else None
            if gone in self._judging:
                self._cancelled.add(str(gone))
            return None
        key = None if message is None else key_of(message)
        if message is None or key is None:
            return None
        if message.get("method") == LIST:
            self._lists.add(key)
            return None
        call = ToolCall(line, message, key)
        mapped = message.get("method") == CALL and self._touches(call.name, call.given, None) is not None
        if not mapped:
            return None
        self._judging.add(key)
        return call

    def needs_look(self, call: ToolCall) -> bool:
        """Say whether judging the call takes a read of the guard's own through the server."""
        touches = self._touches(call.name, call.given, None) or []
        return any(t.kind == "write" and t.fluent in self._reads for t in touches)

    def before(self, call: ToolCall) -> tuple[bytes, bytes]:
        """Judge a call; return the line for the server, and the line for the client: one of them is empty."""
        try:
            passed, back = self._before(call)
            # A call that was cancelled while it was judged must not be made after all.
            return (passed, back) if call.key not in self._cancelled else (b"", b"")
        except Exception as error:
            # Whatever goes wrong here must not break the agent.
            self._say(f"guard mcp: {call.name}: {type(error).__name__}: {error}")
            closed = self.settings.mode == "block" and self.settings.fails(call.name) == "closed"
            return (b"", call.refused(FAILED)) if closed else (call.line, b"")
        finally:
            self._judging.discard(call.key)
            self._cancelled.discard(call.key)

    def _before(self, call: ToolCall) -> tuple[bytes, bytes]:
        state = call.params.get("requestState")
        again = self._waiting.pop(state, None) if isinstance(state, str) else None
        if again is not None:
            # The client repeats a call with what the server had asked for: it is the same operation.
            self._remember(call, again)
            return call.line, b""
        began = time.monotonic()
        use = ToolUse(self._session, "", call.name, call.given, call=f"{next(self._ids)}", program=PROGRAM)
        touches = self._touches(call.name, call.given, None) or []
        seen: list[Touch] = []
        writes = tuple([self._looked(touch, seen) for touch in touches if touch.kind == "write"])
        if writes:
            with self._turn:
                asked = replace(use, touches=writes)
                ruling = self._live.before(asked, waited=time.monotonic() - began)
                if ruling.did == "handed back" and seen:
                    # What the client is shown it knows, and its version.
                    self._live.after(replace(use, touches=tuple(seen), call=f"{use.call} look"))
            if ruling.holds_back:
                return b"", call.refused(ruling.text)
            if self.settings.mode == "block":
                call = self._with_version(call, writes[0].fluent)
        self._remember(call, replace(use, touches=writes))
        return call.line, b""

    def _remember(self, call: ToolCall, use: ToolUse) -> None:
        with self._turn:
            while len(self._pending) >= MOST:
                self._pending.pop(next(iter(self._pending)))
            self._pending[call.key] = PendingCall(call, use)

    def _with_version(self, call: ToolCall, fluent: str) -> ToolCall:
        """Return the call with the version that was seen last, if `guard.toml` confirms where it belongs."""
        name = self._version_place(call.name)
        if name is None or call.given.get(name) is not None:
            return call
        known = self._schemas.get(call.name)
        if known is not None and name not in known:
            self._say(f"guard mcp: {call.name} takes no {name}: correct version in [tools.{call.name}]")
            return call
        with self._turn:
            seen = self._live.version(self._session, "", fluent)
        if seen is None:
            return call
        kind = (known or {}).get(name, {})
        kinds = kind.get("type") if isinstance(kind, dict) else None
        number = {"integer", "number"} & {*([kinds] if isinstance(kinds, str) else kinds or [])}
        return call.carrying(name, json.loads(seen) if number else seen)

    def _version_place(self, tool: str) -> str | None:
        said = self.settings.mapping.of(tool)
        within, _, name = (said.version if said is not None else "").partition(".")
        return name if within == "input" and name and "." not in name else None

    def _looked(self, touch: Touch, seen: list[Touch]) -> Touch:
        """Return a write with what is there now: on disk, or by the read by which the client last read it.

        What such a read shows is added to `seen`.
        """
        read = self._reads.get(touch.fluent)
        if read is None:
            return looked(touch)
        id = f"{OWN.decode()}{next(self._numbers)}"
        look = self._looks[json.dumps(id)] = _Look(Event())
        self._send(read.repeated(id))
        came = look.came.wait(LOOK_LIMIT)
        self._looks.pop(json.dumps(id), None)
        result = look.result if came else None
        if result is None or result.get("isError"):
            return touch
        for shown in self._touches(read.name, read.given, output_of(result)) or []:
            if shown.kind == "read" and shown.fluent == touch.fluent:
                seen.append(shown)
                return meant(touch, shown.text is not None, shown.text)
        return touch

    # From the server.

    def answered(self, line: bytes) -> bytes:
        """Take in a line of the server; return the line for the client, empty for an answer to the guard."""
        if not (self._pending or self._lists or self._looks) and OWN not in line:
            return line
        message = message_of(line)
        key = None if message is None or not is_answer(message) else key_of(message)
        if message is None or key is None:
            return line
        look = self._looks.get(key)
        if look is not None or key.startswith(f'"{OWN.decode()}'):
            if look is not None:
                held = message.get("result")
                look.result = held if isinstance(held, dict) else None
                look.came.set()
            return b""
        try:
            return self._taken(line, message, key)
        except Exception as error:
            self._say(f"guard mcp: an answer: {type(error).__name__}: {error}")
            return line

    def _taken(self, line: bytes, message: dict[str, Any], key: str) -> bytes:
        if key in self._lists:
            self._lists.discard(key)
            self._listed(message.get("result"))
            return line
        with self._turn:
            pending = self._pending.pop(key, None)
            if pending is None:
                return line
            result = message.get("result")
            held: dict[str, Any] = result if isinstance(result, dict) else {"isError": True}
            if held.get("resultType") == "input_required":
                if isinstance(held.get("requestState"), str):
                    self._waiting[held["requestState"]] = pending.use
                return line
            failed = bool(held.get("isError"))
            told = self._live.after(self._answer(pending, None if failed else output_of(held), failed))
        return (with_text(message, told) or line) if told else line

    def _answer(self, pending: PendingCall, output: Any, failed: bool) -> ToolUse:
        use, call = pending.use, pending.call
        if failed:
            return replace(use, failed=True, error="refused")
        touches, mapped = [], self.settings.mapping.of(call.name)
        for touch in self._touches(call.name, call.given, output) or []:
            if touch.kind == "read" and mapped is not None:
                self._places[touch.fluent] = mapped.version
                if call.name in self.settings.looks:
                    self._reads[touch.fluent] = call
            elif touch.kind == "write":
                # The new version of an own write is where a read of the same thing has it.
                place = self._places.get(touch.fluent, "")
                found = at_place({"output": output}, place) if place.startswith("output") else None
                touch = replace(touch, version=None if found is None else str(found))
            touches.append(touch)
        return replace(use, touches=tuple([t for t in touches if t.kind != "opaque"]))

    def _listed(self, result: Any) -> None:
        """Take in what tools there are, and tell once which take a version that is not confirmed."""
        tools = result.get("tools") if isinstance(result, dict) else None
        for tool in tools if isinstance(tools, list) else []:
            schema = tool.get("inputSchema") if isinstance(tool, dict) else None
            takes = schema.get("properties") if isinstance(schema, dict) else None
            if not isinstance(takes, dict):
                continue
            name, first = str(tool.get("name")), str(tool.get("name")) not in self._schemas
            self._schemas[name] = takes
            offered = next((one for one in TAKES if one in takes), None)
            if first and offered is not None and self._version_place(name) is None:
                self._say(
                    f"guard mcp: {name} takes {offered}: if that is the version of what it writes, confirm "
                    f'it with version = "input.{offered}" in [tools.{name}]'
                )

    def _touches(self, tool: str, given: Any, output: Any) -> list[Touch] | None:
        return self.settings.mapping.touches(tool, given, output)
