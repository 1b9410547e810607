"""The MCP proxy between a real client and a real server: what passes, what is refused, what is added."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp")

import anyio
from mcp import Client, StdioServerParameters

from plandrift.experiments.agents.transcripts.guard_lines import Logged, logged
from tests.command import COMMAND

pytestmark = pytest.mark.long

TICKETS = Path(__file__).with_name("ticket_server.py")
SETTINGS = """
policy = "look-first"
shadow = ["look-first", "version", "if-match", "gated"]
[tools.get_ticket]
reads = "ticket/{input.id}"
seen = "output"
version = "output.version"
look = true
[tools.set_status]
writes = "ticket/{input.id}"
after = "output"
version = "input.if_match"
"""
RECORDER = """
import sys
sent = open(sys.argv[1], "rb").read().splitlines(keepends=True)
with open(sys.argv[2], "wb") as heard:
    for number, line in enumerate(sys.stdin.buffer):
        heard.write(line)
        heard.flush()
        if number < len(sent):
            sys.stdout.buffer.write(sent[number])
            sys.stdout.buffer.flush()
sys.exit(7)
"""
LINES = [
    b'{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}\n',
    b'{"jsonrpc": "2.0",   "id": "s-1", "method":"server/discover", "params":{"_meta":{}}}\r\n',
    b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":12345678901234567890}}\n',
    '{"id":18446744073709551617,"method":"tools/list","params":{"cursor":"\u00e9\\u00e9"},"jsonrpc":"2.0"}\n'.encode(),
    b'[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":1e2,"method":"tools/call"}]\n',
    b"this is no JSON, and \xff\xfe no UTF-8\n",
    b"\n",
    b'{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"get_ticket","arguments":{"id": 7.}}}\n',
    b'{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"set_status","arguments":{"id":7}}}\n',
    b'{"jsonrpc":"2.0","id":9,"result":{"roots":[]}}\n',
    b'{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"other","arguments":{"x":1.0e400}}}\n',
    b'{"jsonrpc":"2.0","id":5,"method":"ping"}',
]
"""What a client may send in one era or the other, or by mistake; the last line has no end."""


def words(folder: Path, *server: object) -> list[str]:
    return [COMMAND, "agent", "guard", "mcp", "--config", str(folder / "guard.toml"), "--", *map(str, server)]


def settings(folder: Path, mode: str, more: str = "") -> None:
    (folder / "guard.toml").write_text(f'mode = "{mode}"\n{more}{SETTINGS}')


def rows(folder: Path) -> list[Logged]:
    return [row for row in logged(folder / ".plandrift" / "guard.jsonl") if row.operation.kind == "write"]


class Tickets:
    """The file behind the server, which a colleague can write as well."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "tickets.json"
        self.file.write_text(json.dumps({"7": {"status": "open", "version": 3}}))

    def changed_by_a_colleague(self, status: str) -> None:
        held = json.loads(self.file.read_text())["7"]
        self.file.write_text(json.dumps({"7": {"status": status, "version": held["version"] + 1}}))

    @property
    def writes(self) -> list[str]:
        made = self.file.with_suffix(".writes")
        return made.read_text().splitlines() if made.exists() else []


@asynccontextmanager
async def client(folder: Path, tickets: Tickets, era: str) -> AsyncIterator[Client]:
    command, *args = words(folder, sys.executable, TICKETS, tickets.file)
    async with Client(StdioServerParameters(command=command, args=args), mode=era) as made:
        yield made


async def call(made: Client, tool: str, **given: Any) -> tuple[bool, str]:
    result = await made.call_tool(tool, given)
    return bool(result.is_error), getattr(result.content[0], "text", "")


def test_in_shadow_every_byte_passes_both_ways(tmp_path: Path) -> None:
    settings(tmp_path, "shadow")
    (tmp_path / "recorder.py").write_text(RECORDER)
    (tmp_path / "script").write_bytes(b"".join(LINES[::-1][1:]) + LINES[-1])
    made = subprocess.run(
        words(tmp_path, sys.executable, tmp_path / "recorder.py", tmp_path / "script", tmp_path / "heard"),
        input=b"".join(LINES),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (tmp_path / "heard").read_bytes() == b"".join(LINES)
    assert made.stdout == (tmp_path / "script").read_bytes()
    assert made.returncode == 7
    assert made.stderr == b""


@pytest.mark.parametrize("era", ["legacy", "auto"])
def test_a_stale_write_is_refused_and_one_that_passes_carries_the_version_that_was_seen(
    era: str, tmp_path: Path
) -> None:
    settings(tmp_path, "block")
    tickets = Tickets(tmp_path)

    async def play() -> None:
        async with client(tmp_path, tickets, era) as made:
            assert [tool.name for tool in (await made.list_tools()).tools] == [
                "get_ticket",
                "set_status",
                "slow",
            ]
            assert not (await call(made, "get_ticket", id=7))[0]
            tickets.changed_by_a_colleague("assigned")
            wrong, text = await call(made, "set_status", id=7, status="closed")
            assert wrong
            assert "ticket/7 has changed since you last saw it" in text
            # The refusal hands back what is there now, so the call passes when it is made again.
            assert '+{"status": "assigned", "version": 4}' in text
            assert tickets.writes == []
            assert not (await call(made, "set_status", id=7, status="closed"))[0]
            # What an own write left there is known, with its version.
            assert not (await call(made, "set_status", id=7, status="reopened"))[0]
            # What the client carries itself is its own affair.
            wrong, text = await call(made, "set_status", id=7, status="closed", if_match=1)
            assert wrong
            assert "has version 6, not 1" in text

    anyio.run(play)
    assert tickets.writes == ["7 closed 4", "7 reopened 5"]
    did = [(row.did, row.operation.ok, row.verdicts["look-first"]) for row in rows(tmp_path)]
    assert did == [
        ("handed back", False, "block"),
        ("let", True, "fire"),
        ("let", True, "fire"),
        ("let", False, "fire"),
    ]
    assert rows(tmp_path)[0].verdicts["gated"] == "fire"


def test_in_shadow_the_stale_write_is_made_and_logged(tmp_path: Path) -> None:
    settings(tmp_path, "shadow")
    tickets = Tickets(tmp_path)

    async def play() -> None:
        async with client(tmp_path, tickets, "legacy") as made:
            await call(made, "get_ticket", id=7)
            tickets.changed_by_a_colleague("assigned")
            assert not (await call(made, "set_status", id=7, status="closed"))[0]

    anyio.run(play)
    assert tickets.writes == ["7 closed None"]
    (row,) = rows(tmp_path)
    assert (row.did, row.verdicts["look-first"], row.basis) == ("let", "block", "known")


def test_progress_and_cancelling_pass(tmp_path: Path) -> None:
    settings(tmp_path, "block")
    tickets = Tickets(tmp_path)
    heard: list[float] = []

    async def play() -> None:
        async def told(progress: float, total: float | None, message: str | None) -> None:
            heard.append(progress)

        async with client(tmp_path, tickets, "legacy") as made:
            assert (await made.call_tool("slow", {"seconds": 0.1}, progress_callback=told)).is_error is False
            tickets.file.with_suffix(".slow").unlink()
            with anyio.move_on_after(0.3):
                await made.call_tool("slow", {"seconds": 2.0})
            await anyio.sleep(2.2)

    anyio.run(play)
    assert heard == [0, 1, 2, 3]
    assert not tickets.file.with_suffix(".slow").exists()


def test_a_server_that_dies_ends_the_proxy_with_its_code(tmp_path: Path) -> None:
    settings(tmp_path, "block")
    made = subprocess.Popen(
        words(tmp_path, sys.executable, "-c", "import sys; sys.stdin.readline(); sys.exit(3)"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert made.stdin is not None
    assert made.stdout is not None
    made.stdin.write(LINES[0])
    made.stdin.flush()
    # Its client, which is still there, hears that nobody is.
    assert made.stdout.read() == b""
    assert made.wait(30) == 3
    made.stdin.close()
    made.stdout.close()


def test_a_client_that_dies_takes_a_server_with_it_that_does_not_listen(tmp_path: Path) -> None:
    settings(tmp_path, "block")
    stubborn = "import pathlib, os, time; pathlib.Path('pid').write_text(str(os.getpid())); time.sleep(600)"
    made = subprocess.Popen(
        words(tmp_path, sys.executable, "-c", stubborn), stdin=subprocess.PIPE, cwd=tmp_path
    )
    until = time.monotonic() + 30
    while not (tmp_path / "pid").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert made.stdin is not None
    made.stdin.close()
    assert made.wait(30) == 128 + 15
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text()}").exists()


def test_a_line_waits_little(tmp_path: Path) -> None:
    """The aim is 1 ms at the median; on a machine that does other things as well, 5 ms pass."""
    settings(tmp_path, "block")
    echo = (
        "import sys\nfor line in sys.stdin.buffer:\n sys.stdout.buffer.write(line); sys.stdout.buffer.flush()"
    )
    ping = b'{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"other","arguments":{}}}\n'
    taken = {}
    for name, command in (
        ("direct", [sys.executable, "-c", echo]),
        ("proxy", words(tmp_path, sys.executable, "-c", echo)),
    ):
        made = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        assert made.stdin is not None
        assert made.stdout is not None
        times = []
        for number in range(300):
            began = time.perf_counter()
            made.stdin.write(ping % number)
            assert made.stdout.readline() == ping % number
            times.append(time.perf_counter() - began)
        taken[name] = statistics.median(times[20:])
        made.stdin.close()
        made.wait(30)
        made.stdout.close()
    print({name: f"{1000 * seconds:.3f} ms" for name, seconds in taken.items()})
    assert taken["proxy"] - taken["direct"] < 0.005


def test_what_is_wrong_is_said_in_a_line(tmp_path: Path) -> None:
    settings(tmp_path, "block")
    for command, says in (
        (words(tmp_path, "no-such-program"), "-- no-such-program: No such file or directory"),
        (words(tmp_path / "none", "true"), "guard.toml: No such file or directory"),
    ):
        made = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        assert made.returncode == 2
        assert says in made.stderr
        assert made.stderr.count("\n") == 1
