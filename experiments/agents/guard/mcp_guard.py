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
from plandrift.experiments.agents.guard.tool_use import ToolUse, answered
from plandrift.experiments.agents.transcripts.knowledge import Touch

Line = Callable[[bytes], None]
"""Sends a line."""
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
    """A call that was passed on and not answered yet.

    Attributes:
        call: the call.
        use: what the guard was told of it.
        judged: set once it has been judged.
    """

    call: ToolCall
    use: ToolUse
    judged: Event


@dataclass
class _Look:
    """A read that the guard makes itself."""

    came: Event
    result: dict[str, Any] | None = None


class McpGuard:
    """The guard of one client and one server; its methods may be called from several threads."""

    def __init__(self, settings: GuardSettings, send: Line, say: Callable[[str], None]) -> None:
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
        self._changing: set[str] = set()
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
        # An answer is passed on before the guard learns from it, and the client may call again at once.
        with self._turn:
            return any(t.kind == "write" and t.fluent in self._reads for t in touches)

    def before(self, call: ToolCall, up: Line, down: Line) -> None:
        """Judge a call, and pass it on or answer it.

        Args:
            call: the call.
            up: sends a line to the server.
            down: sends a line to the client.
        """
        sent: list[bytes] = []

        def send(line: bytes) -> None:
            # A call that was cancelled while it was judged must not be made after all.
            sent.append(line)
            if call.key not in self._cancelled:
                up(line)

        try:
            back = self._before(call, send)
            if call.key not in self._cancelled:
                down(back)
        except Exception as error:
            # Whatever goes wrong here must not break the agent.
            self._say(f"guard mcp: {call.name}: {type(error).__name__}: {error}")
            closed = self.settings.mode == "block" and self.settings.fails(call.name) == "closed"
            if not sent and closed:
                down(call.refused(FAILED))
            elif not sent:
                up(call.line)
        finally:
            self._judging.discard(call.key)
            self._cancelled.discard(call.key)

    def _before(self, call: ToolCall, send: Line) -> bytes:
        """Send a call to the server, perhaps after judging it; return what answers it if it is held back."""
        state = call.params.get("requestState")
        again = self._waiting.pop(state, None) if isinstance(state, str) else None
        if again is not None:
            # The client repeats a call with what the server had asked for: it is the same operation.
            self._remember(call, again).judged.set()
            send(call.line)
            return b""
        began = time.monotonic()
        use = ToolUse(self._session, "", call.name, call.given, call=f"{next(self._ids)}", program=PROGRAM)
        touches = self._touches(call.name, call.given, None) or []
        seen: list[Touch] = []
        writes = tuple([self._looked(touch, seen) for touch in touches if touch.kind == "write"])
        asked, waited = replace(use, touches=writes), time.monotonic() - began
        if self.settings.mode != "block" or not writes:
            # Nothing that the guard finds can change the call, so the server need not wait for it. It is not
            # sent in the guard's turn, which the answer to another call may be waiting for.
            pending = self._remember(call, asked)
            send(call.line)
            try:
                if writes:
                    with self._turn:
                        self._live.before(asked, waited=waited)
            finally:
                pending.judged.set()
            return b""
        with self._turn:
            ruling = self._live.before(asked, waited=waited)
            if ruling.did == "handed back" and seen:
                # What the client is shown it knows, and its version.
                self._live.after(replace(use, touches=tuple(seen), call=f"{use.call} look"))
        if ruling.holds_back:
            return call.refused(ruling.text)
        call = self._with_version(call, writes[0].fluent)
        self._remember(call, asked).judged.set()
        send(call.line)
        return b""

    def _remember(self, call: ToolCall, use: ToolUse) -> PendingCall:
        with self._turn:
            while len(self._pending) >= MOST:
                self._pending.pop(next(iter(self._pending)))
            made = self._pending[call.key] = PendingCall(call, use, Event())
        return made

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

    def answered(self, line: bytes, down: Line) -> None:
        """Take in a line of the server and pass it on, unless it answers the guard."""
        if not (self._pending or self._lists or self._looks) and OWN not in line:
            down(line)
            return
        message = message_of(line)
        key = None if message is None or not is_answer(message) else key_of(message)
        if message is None or key is None:
            down(line)
            return
        look = self._looks.get(key)
        if look is not None or key.startswith(f'"{OWN.decode()}'):
            if look is not None:
                held = message.get("result")
                look.result = held if isinstance(held, dict) else None
                look.came.set()
            return
        passed: list[bytes] = []

        def send(line: bytes) -> None:
            passed.append(line)
            down(line)

        try:
            self._taken(line, message, key, send)
        except Exception as error:
            self._say(f"guard mcp: an answer: {type(error).__name__}: {error}")
            if not passed:
                down(line)

    def _taken(self, line: bytes, message: dict[str, Any], key: str, send: Line) -> None:
        if key in self._lists:
            self._lists.discard(key)
            send(line)
            self._listed(message.get("result"))
            return
        with self._turn:
            pending = self._pending.pop(key, None)
        if pending is None:
            send(line)
            return
        pending.judged.wait()
        with self._turn:
            result = message.get("result")
            held: dict[str, Any] = result if isinstance(result, dict) else {"isError": True}
            if held.get("resultType") == "input_required":
                if isinstance(held.get("requestState"), str):
                    self._waiting[held["requestState"]] = pending.use
                send(line)
                return
            quiet = self.settings.mode == "shadow" or not pending.use.touches
            if quiet:
                # The client need not wait for what the guard learns; its next call does.
                send(line)
            failed = bool(held.get("isError"))
            told = self._live.after(self._answer(pending, None if failed else output_of(held), failed))
        if not quiet:
            send((with_text(message, told) or line) if told else line)

    def _answer(self, pending: PendingCall, output: Any, failed: bool) -> ToolUse:
        use, call = pending.use, pending.call
        if failed:
            return replace(use, failed=True, error="refused")
        mapped = self.settings.mapping.of(call.name)
        touches = self._touches(call.name, call.given, output) or []
        if call.name in self.settings.looks and call.name not in self._changing:
            self._reads.update({touch.fluent: call for touch in touches if touch.kind == "read"})
        return answered(use, touches, output, self._places, mapped.version if mapped is not None else "")

    def _listed(self, result: Any) -> None:
        """Take in what tools there are, and tell once which take a version that is not confirmed."""
        tools = result.get("tools") if isinstance(result, dict) else None
        for tool in tools if isinstance(tools, list) else []:
            hints = tool.get("annotations") if isinstance(tool, dict) else None
            if isinstance(hints, dict) and hints.get("readOnlyHint") is False:
                # guard.toml may come with a repository, which must not make the guard repeat changes.
                self._changing.add(str(tool.get("name")))
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
