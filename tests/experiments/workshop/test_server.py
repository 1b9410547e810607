"""The lessons' server: bounded, alone with itself, and gone when it is told to go."""

from __future__ import annotations

import ast
import asyncio
import builtins
import gc
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("websockets")

from websockets.sync.client import connect
from websockets.typing import Origin

from plandrift.experiments.workshop import LESSONS
from plandrift.experiments.workshop.origin_check import OriginCheck
from plandrift.experiments.workshop.server import LessonRoom, parse_in_turn
from tests.browser import chromium, visit
from tests.command import apart as plandrift
from tests.command import refused_apart as refused
from tests.command import start
from tests.experiments.workshop.room import served

pytestmark = pytest.mark.long

AsgiMessage = MutableMapping[str, Any]
ROOT = Path(__file__).parents[3]


@pytest.mark.slow
def test_sigterm_ends_it_without_a_word(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with start("workshop", "--no-browser", "--port", port, cwd=tmp_path) as server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("lessons: ")
        server.send_signal(signal.SIGTERM)
        assert server.communicate(timeout=60) == ("", "")
    assert server.returncode == 0


def test_the_index_and_ctrl_c(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused("workshop", "--no-browser", "--port", port, cwd=tmp_path)
        assert "give another --port" in said
    server = start(
        "workshop", "--no-browser", "--port", port, "--lesson", 2, "--host", "0.0.0.0", cwd=tmp_path
    )
    assert server.stdout is not None
    assert server.stderr is not None
    warned, ready = server.stdout.readline(), server.stdout.readline()
    assert "everyone who can reach port" in warned
    assert "no editor" in warned
    assert ready == f"lessons: http://127.0.0.1:{port}/2/  (Ctrl-C stops the server)\n"
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/").read().decode()
    assert re.findall(r'href="/(\d)/"', text) == [str(n) for n in range(1, len(LESSONS) + 1)]
    own = urllib.request.urlopen(f"http://127.0.0.1:{port}/your-agent/").read().decode()
    assert "plandrift workshop --operations" in own
    story = urllib.request.urlopen(f"http://127.0.0.1:{port}/story/").read().decode()
    assert "It was true when you looked" in story
    lesson = urllib.request.urlopen(f"http://127.0.0.1:{port}/2/").read().decode()
    assert "plandrift 2" in lesson
    assert "def _(" not in lesson  # run mode shows no code
    page = f"http://127.0.0.1:{port}/2/"
    strange = urllib.request.Request(page, headers={"Host": f"evil.example:{port}"})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(strange)
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/2/", headers={"Origin": f"http://127.0.0.1:{port}"}
    )
    with urllib.request.urlopen(asked) as answer:
        assert "Access-Control-Allow-Origin" not in answer.headers
    os.killpg(server.pid, signal.SIGINT)
    assert server.wait(30) == 0
    assert "Traceback" not in server.stderr.read()
    server.stdout.close()
    server.stderr.close()


@pytest.mark.slow
def test_wrong_input_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "give a folder that can be written" in refused("workshop", "--export", "file/x", cwd=tmp_path)
    assert "less than or equal to 7" in refused("workshop", "--lesson", 8, cwd=tmp_path)
    assert "--host is empty" in refused("workshop", "--host", "", "--no-browser", cwd=tmp_path)
    opened = refused("workshop", "--operations", "ops.parquet", "--host", "0.0.0.0", cwd=tmp_path)
    assert "must stay on this machine" in opened
    assert "ops.parquet" in refused("workshop", "--operations", "ops.parquet", "--no-browser", cwd=tmp_path)
    assert "192.0.2.1" in refused("workshop", "--host", "192.0.2.1", "--no-browser", cwd=tmp_path)


def test_a_full_room_lets_nobody_in_until_somebody_leaves() -> None:
    async def busy(scope: AsgiMessage, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()

    sent: list[AsgiMessage] = []

    async def note(message: AsgiMessage) -> None:
        sent.append(message)

    async def visits() -> None:
        room = LessonRoom(busy, most=2)
        leave = asyncio.Event()

        async def stay() -> AsgiMessage:
            await leave.wait()
            return {"type": "websocket.disconnect"}

        async def connect() -> AsgiMessage:
            return {"type": "websocket.connect"}

        staying = [asyncio.create_task(room({"type": "websocket"}, stay, note)) for _ in range(2)]
        await asyncio.sleep(0)
        await room({"type": "websocket"}, connect, note)
        assert sent.pop() == {"type": "websocket.close", "code": 1013}
        await room({"type": "http", "path": "/3/"}, connect, note)
        assert [message.get("status") for message in sent] == [503, None]
        assert b"room is full" in sent[1]["body"]
        leave.set()
        await asyncio.gather(*staying)
        sent.clear()
        await room({"type": "websocket"}, connect, note)
        assert sent == []

    asyncio.run(visits())


def test_python_is_parsed_by_one_thread_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtins, "compile", builtins.compile)
    parse_in_turn()
    lesson = "\n".join(f"def f{n}(a):\n    return [a + {n}, f(a)]" for n in range(40))
    failed: list[str] = []

    def open_lesson() -> None:
        try:
            for _ in range(5):
                ast.parse(lesson)
                compile(lesson, "lesson", "exec", flags=ast.PyCF_ONLY_AST)
        except SystemError as error:
            failed.append(str(error))

    def others(_phase: str, _info: dict[str, int]) -> None:
        time.sleep(0)  # what is thrown away may run Python's own code, and other threads go on meanwhile

    before = gc.get_threshold()
    gc.set_threshold(100)
    gc.callbacks.append(others)
    try:
        threads = [threading.Thread(target=open_lesson) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        gc.callbacks.remove(others)
        gc.set_threshold(*before)
    assert failed == []


STRANGE: list[tuple[str, dict[str, str], bool]] = [
    ("127.0.0.1", {"host": "127.0.0.1:99"}, True),
    ("127.0.0.1", {"host": "LOCALHOST:99", "origin": "http://localhost:99"}, True),
    ("::1", {"host": "[::1]:99"}, True),
    ("127.0.0.1", {"host": "127.0.0.1:98"}, False),
    ("127.0.0.1", {"host": "127.0.0.1"}, False),
    ("127.0.0.1", {"host": "evil.example:99"}, False),
    ("127.0.0.1", {"host": "192.168.0.7:99"}, False),
    ("127.0.0.1", {"host": "127.0.0.1:99", "origin": "http://evil.example"}, False),
    ("127.0.0.1", {"host": "127.0.0.1:99", "origin": "null"}, False),
    ("127.0.0.1", {"host": "127.0.0.1:99", "origin": "https://127.0.0.1:99"}, False),
    ("127.0.0.1", {"host": "[::1:99"}, False),
    ("127.0.0.1", {}, False),
    ("0.0.0.0", {"host": "192.168.0.7:99", "origin": "http://192.168.0.7:99"}, True),
    ("0.0.0.0", {"host": f"{socket.gethostname()}:99"}, True),
    ("0.0.0.0", {"host": "evil.example:99"}, False),
]


@pytest.mark.parametrize(("host", "headers", "allowed"), STRANGE)
def test_only_its_own_addresses_and_pages_are_let_in(
    host: str, headers: dict[str, str], allowed: bool
) -> None:
    async def app(scope: AsgiMessage, receive: Any, send: Any) -> None:
        headers = [(b"Access-Control-Allow-Origin", b"*"), (b"x", b"y")]
        await send(
            {"type": f"{scope['type']}.{'accept' if scope['type'] == 'websocket' else 'response.start'}"}
            | {"headers": headers, "status": 200}
        )

    sent: list[AsgiMessage] = []

    async def send(message: AsgiMessage) -> None:
        sent.append(message)

    async def receive() -> AsgiMessage:
        return {"type": "websocket.connect"}

    check = OriginCheck(app, host, 99)
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    for kind in ("http", "websocket"):
        sent.clear()
        asyncio.run(check({"type": kind, "headers": raw}, receive, send))
        if allowed:
            assert sent[0]["headers"] == [(b"x", b"y")]
        elif kind == "http":
            assert sent[0]["status"] == 403
        else:
            assert sent == [{"type": "websocket.close", "code": 1008}]


def opened(address: str, number: int) -> list[str]:
    """Open a lesson as a browser does, until its cells have run; what was said of errors meanwhile."""
    lesson = f"{address}/{number % len(LESSONS) + 1}"
    with urllib.request.urlopen(f"{lesson}/", timeout=120) as page:
        assert page.status == 200
    path = f"{lesson.replace('http', 'ws')}/ws?session_id=s_{number:06}"
    said = []
    with connect(path, origin=Origin(address), max_size=None, open_timeout=120) as room:
        while json.loads(text := str(room.recv(timeout=240))).get("op") != "completed-run":
            said += [word for word in ("SystemError", "recursion depth", "Traceback") if word in text]
    return said


@pytest.mark.slow
def test_a_whole_room_opens_its_lessons_at_once_again_and_again() -> None:
    with served() as address, ThreadPoolExecutor(22) as people:
        assert list(people.map(partial(opened, address), range(66))) == [[]] * 66


@pytest.mark.slow
def test_the_lessons_in_a_machine_without_a_network(tmp_path: Path) -> None:
    chromium()
    words = [
        sys.executable,
        "-m",
        "tests.experiments.workshop.room",
        str(tmp_path),
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
    ]
    apart = ["unshare", "--net"]
    if shutil.which("unshare") is None or subprocess.run([*apart, "true"], check=False).returncode:
        apart = []  # no right to make a namespace: every request is counted all the same
    done = subprocess.run(
        [*apart, *words], cwd=ROOT, capture_output=True, text=True, timeout=400, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(f"alone: {bool(apart)}") == len(LESSONS)


@pytest.mark.slow
def test_what_goes_on_a_stick(tmp_path: Path) -> None:
    done = plandrift("workshop", "--export", "stick", "--seeds", 20, cwd=tmp_path)
    said = done.stdout
    assert "workshop: explore.html: " in done.stderr
    for number in range(1, len(LESSONS) + 1):
        assert f"workshop: screens of lesson {number} of {len(LESSONS)}" in done.stderr
    names = [Path(line.split("  ")[0]).name for line in said.splitlines()]
    assert sorted(names) == sorted(path.name for path in (tmp_path / "stick").iterdir())
    pages = {name: (tmp_path / "stick" / name).read_bytes().count(b"/Type /Page ") for name in names}
    assert f"({pages['slides.pdf']} slides)" in said
    assert f"({pages['handout.pdf']} pages" in said
    assert pages["handout.pdf"] >= 2 * len(LESSONS)
    with visit(tmp_path / "stick" / "index.html") as seen:
        links = [str(link.get_attribute("href")) for link in seen.page.locator("a").all()]
    assert sorted([*links, "index.html"]) == sorted(names)
    assert sum(path.stat().st_size for path in (tmp_path / "stick").iterdir()) < 10_000_000
