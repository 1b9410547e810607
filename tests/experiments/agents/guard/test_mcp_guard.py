"""What the guard does with single lines of MCP: ids, eras, questions back, cancelling, its own failure."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plandrift.experiments.agents.guard import mcp_guard
from plandrift.experiments.agents.guard.guard_settings import read_guard_settings
from plandrift.experiments.agents.guard.mcp_guard import FAILED, McpGuard
from plandrift.experiments.agents.transcripts.guard_lines import logged
from plandrift.sim import SettingError

READ = {"name": "get", "arguments": {"id": 7}}
WRITE = {"name": "put", "arguments": {"id": 7, "text": "mine"}}
TOOLS = """
[tools.get]
reads = "note/{input.id}"
seen = "output.text"
version = "output.etag"
look = true
[tools.put]
writes = "note/{input.id}"
after = "input.text"
"""


class Wire:
    """A guard with a server that is a dictionary, and everything that is sent."""

    def __init__(self, folder: Path, mode: str = "block", more: str = "", put: str = "") -> None:
        (folder / "guard.toml").write_text(f'mode = "{mode}"\non_block = "refuse"\n{more}{TOOLS}{put}')
        self.folder, self.said = folder, list[str]()
        self.note: dict[str, Any] = {"text": "old", "etag": "a"}
        self.sent: list[dict[str, Any]] = []
        self.look: Callable[[], object] = lambda: None
        self.guard = McpGuard(read_guard_settings(folder / "guard.toml"), self._send, self.said.append)

    def _send(self, line: bytes) -> None:
        """Answer a read of the guard's own."""
        self.look()
        asked = json.loads(line)
        self.sent.append(asked)
        assert self.hears(self.line(asked["id"], result=self.shown())) == b""

    def shown(self) -> dict[str, Any]:
        return {"content": [], "structuredContent": dict(self.note)}

    def line(self, id: object, **more: Any) -> bytes:
        return json.dumps({"jsonrpc": "2.0", "id": id} | more).encode() + b"\n"

    def asks(self, id: object, params: dict[str, Any]) -> tuple[bytes, bytes, bytes]:
        """Return what came in, what went to the server, and what went back to the client."""
        line = self.line(id, method="tools/call", params=params)
        call = self.guard.concerns(line)
        assert call is not None
        up, down = list[bytes](), list[bytes]()
        self.guard.before(call, up.append, down.append)
        return line, b"".join(up), b"".join(down)

    def hears(self, line: bytes) -> bytes:
        """Return what the client hears of a line of the server."""
        down: list[bytes] = []
        self.guard.answered(line, down.append)
        return b"".join(down)

    def reads(self, id: object = 1) -> None:
        line, passed, back = self.asks(id, READ)
        assert (passed, back) == (line, b"")
        answer = self.line(id, result=self.shown())
        assert self.hears(answer) == answer

    def rows(self) -> list[Any]:
        return [row for row in logged(self.folder / ".plandrift" / "guard.jsonl") if row.did]


@pytest.mark.parametrize("id", [0, "0", "s-1", 2**64 + 1, -5])
@pytest.mark.parametrize("modern", [False, True])
def test_a_refusal_answers_the_id_that_was_asked_in_the_form_of_its_era(
    id: object, modern: bool, tmp_path: Path
) -> None:
    wire = Wire(tmp_path)
    wire.reads("another")
    wire.note["text"] = "theirs"
    meta = {"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}} if modern else {}
    texts = set()
    for _ in range(2):
        _, passed, back = wire.asks(id, WRITE | meta)
        assert passed == b""
        answer = json.loads(back)
        assert answer["id"] == id
        assert type(answer["id"]) is type(id)
        assert answer["result"]["isError"] is True
        assert answer["result"].get("resultType") == ("complete" if modern else None)
        texts.add(answer["result"]["content"][0]["text"])
    assert len(texts) == 1, "the same text each time"


def test_the_guards_own_look_is_the_clients_read_and_nobody_else_hears_of_it(tmp_path: Path) -> None:
    wire = Wire(tmp_path)
    progress = {"_meta": {"progressToken": "p", "trace": "t"}}
    wire.asks("r", READ | progress)
    wire.hears(wire.line("r", result=wire.shown()))
    wire.asks(2, WRITE)
    (look,) = wire.sent
    assert look["params"] == READ | {"_meta": {"trace": "t"}}
    assert look["id"] not in ("r", 2)
    # An answer that comes too late is not passed on either, even if nothing else is waited for.
    wire.hears(wire.line(2, result=wire.shown()))
    assert wire.hears(wire.line(look["id"], result=wire.shown())) == b""


def test_a_read_that_may_not_be_repeated_is_not(tmp_path: Path) -> None:
    wire = Wire(tmp_path)
    (tmp_path / "guard.toml").write_text(f'mode = "block"\n{TOOLS.replace("look = true", "")}')
    wire.guard = McpGuard(read_guard_settings(tmp_path / "guard.toml"), wire._send, wire.said.append)
    wire.reads()
    wire.note["text"] = "theirs"
    line, passed, _ = wire.asks(2, WRITE)
    assert (passed, wire.sent) == (line, [])
    assert wire.rows()[0].basis == "no look"


def test_a_tool_that_changes_things_is_not_repeated_whatever_guard_toml_says(tmp_path: Path) -> None:
    wire = Wire(tmp_path)
    wire.guard.concerns(wire.line("l", method="tools/list"))
    told = wire.line("l", result={"tools": [{"name": "get", "annotations": {"readOnlyHint": False}}]})
    assert wire.hears(told) == told
    wire.reads()
    line, passed, _ = wire.asks(2, WRITE)
    assert (passed, wire.sent) == (line, [])


def test_a_version_is_added_only_where_it_is_confirmed_and_taken(tmp_path: Path) -> None:
    def listed(wire: Wire, kind: object) -> None:
        line = wire.line("l", method="tools/list", params={"cursor": "c"})
        assert wire.guard.concerns(line) is None
        takes = {"id": {}, "etag": {"type": kind}} if kind else {"id": {}}
        tool = {"name": "put", "inputSchema": {"properties": takes}}
        answer = wire.line("l", result={"tools": [tool], "nextCursor": "d"})
        assert wire.hears(answer) == answer

    for confirmed, kind, seen, carried in (
        ("", "string", "a", None),
        ('version = "input.etag"', "string", "a", "a"),
        ('version = "input.etag"', "string", 5, "5"),
        ('version = "input.etag"', ["integer", "null"], 5, 5),
        ('version = "input.etag"', "", "a", None),
    ):
        wire = Wire(tmp_path, put=confirmed)
        wire.note["etag"] = seen
        listed(wire, kind)
        listed(wire, kind)
        wire.reads()
        line, passed, _ = wire.asks(2, WRITE)
        assert json.loads(passed)["params"]["arguments"].get("etag") == carried
        assert (passed == line) is (carried is None)
        if not confirmed:
            (said,) = wire.said
            assert (
                "put takes etag: if that is the version of what it writes, confirm it with "
                'version = "input.etag" in [tools.put]' in said
            )
        elif not kind:
            assert wire.said == ["guard mcp: put takes no etag: correct version in [tools.put]"]
        own = wire.asks(3, WRITE | {"arguments": WRITE["arguments"] | {"etag": "own"}})  # type: ignore[operator]
        assert own[0] == own[1]


def test_a_call_that_the_server_asks_back_about_is_one_operation(tmp_path: Path) -> None:
    wire = Wire(tmp_path)
    wire.reads()
    wire.asks(2, WRITE)
    question = wire.line(2, result={"resultType": "input_required", "requestState": "x", "inputRequests": {}})
    assert wire.hears(question) == question
    line, passed, _ = wire.asks("again", WRITE | {"requestState": "x", "inputResponses": {}})
    assert passed == line
    assert wire.rows()[0].operation.ok is False
    wire.hears(wire.line("again", result={"content": [], "resultType": "complete"}))
    (row,) = wire.rows()
    assert row.operation.ok is True
    # Another state is another call.
    wire.asks(5, WRITE | {"requestState": "y"})
    assert len(wire.rows()) == 2


def test_a_call_that_is_cancelled_while_it_is_judged_is_not_made(tmp_path: Path) -> None:
    wire = Wire(tmp_path)
    wire.reads()
    cancels = json.dumps({"method": "notifications/cancelled", "params": {"requestId": 2}}).encode() + b"\n"
    wire.look = lambda: wire.guard.concerns(cancels)
    assert wire.asks(2, WRITE)[1:] == (b"", b"")
    wire.look = lambda: None
    line, passed, _ = wire.asks(2, WRITE)
    assert passed == line


def test_a_server_that_does_not_answer_the_look_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp_guard, "LOOK_LIMIT", 0.05)
    wire = Wire(tmp_path)
    wire.reads()
    wire.guard._send = lambda _: None
    line, passed, _ = wire.asks(2, WRITE)
    assert passed == line
    assert wire.rows()[0].basis == "no look"


@pytest.mark.parametrize(
    ("mode", "fail", "passes"),
    [("block", "open", True), ("block", "closed", False), ("shadow", "closed", True)],
)
def test_a_guard_that_fails_is_open_or_closed_as_its_settings_say(
    mode: str, fail: str, passes: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(tmp_path, mode, put=f'fail = "{fail}"')
    monkeypatch.setattr(wire.guard._live, "before", lambda *_args, **_more: 1 / 0)
    line, passed, back = wire.asks(2, WRITE)
    assert passed == (line if passes else b"")
    assert (FAILED.encode() in back) is not passes
    assert wire.said == ["guard mcp: put: ZeroDivisionError: division by zero"]


def test_in_mode_tell_the_answer_says_what_had_changed(tmp_path: Path) -> None:
    wire = Wire(tmp_path, "tell")
    wire.reads()
    wire.note["text"] = "theirs"
    line, passed, _ = wire.asks(2, WRITE)
    assert passed == line
    answer = json.loads(wire.hears(wire.line(2, result={"content": [{"type": "text", "text": "ok"}]})))
    assert [part["text"].partition(".")[0] for part in answer["result"]["content"]] == [
        "ok",
        "note/7 has changed since you last saw it",
    ]


def test_calls_from_several_threads_are_all_answered_for(tmp_path: Path) -> None:
    wire = Wire(tmp_path)
    wire.reads()

    def write(number: int) -> None:
        wire.asks(number, WRITE)
        wire.hears(wire.line(number, result={"content": []}))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(10, 26)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wire.rows()) == 16
    assert not wire.guard._pending


def test_only_a_tool_that_reads_can_be_a_look(tmp_path: Path) -> None:
    for told, says in (
        ('writes = "a"\nlook = true', "only a tool that reads"),
        ('reads = "a"\nlook = 1', "true or"),
    ):
        (tmp_path / "guard.toml").write_text(f"[tools.x]\n{told}\n")
        with pytest.raises(SettingError, match=says):
            read_guard_settings(tmp_path / "guard.toml")
