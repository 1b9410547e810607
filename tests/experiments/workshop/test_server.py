"""The lessons' server: bounded, alone with itself, and gone when it is told to go."""

from __future__ import annotations

import ast
import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest

from experiments.workshop import LESSONS
from experiments.workshop.server import Room, parse_in_turn
from tests.browser import chromium, visit
from tests.command import plandrift, refused, start

AsgiMessage = MutableMapping[str, Any]
ROOT = Path(__file__).parents[3]


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
    assert "everyone who reaches this machine" in warned
    assert "no editor" in warned
    assert ready == f"lessons: http://127.0.0.1:{port}/2/  (Ctrl-C ends)\n"
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/").read().decode()
    assert re.findall(r'href="/(\d)/"', text) == [str(n) for n in range(1, len(LESSONS) + 1)]
    lesson = urllib.request.urlopen(f"http://127.0.0.1:{port}/2/").read().decode()
    assert "plandrift 2" in lesson
    assert "def _(" not in lesson  # run mode shows no code
    os.killpg(server.pid, signal.SIGINT)
    assert server.wait(30) == 0
    assert "Traceback" not in server.stderr.read()
    server.stdout.close()
    server.stderr.close()


def test_wrong_input_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "give a folder that can be written" in refused("workshop", "--export", "file/x", cwd=tmp_path)
    assert "less than or equal to 6" in refused("workshop", "--lesson", 7, cwd=tmp_path)
    assert "192.0.2.1" in refused("workshop", "--host", "192.0.2.1", "--no-browser", cwd=tmp_path)


def test_a_full_room_lets_nobody_in_until_somebody_leaves() -> None:
    async def busy(scope: AsgiMessage, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()

    sent: list[AsgiMessage] = []

    async def note(message: AsgiMessage) -> None:
        sent.append(message)

    async def visits() -> None:
        room = Room(busy, most=2)
        leave = asyncio.Event()

        async def stay() -> AsgiMessage:
            await leave.wait()
            return {"type": "websocket.disconnect"}

        async def knock() -> AsgiMessage:
            return {"type": "websocket.connect"}

        staying = [asyncio.create_task(room({"type": "websocket"}, stay, note)) for _ in range(2)]
        await asyncio.sleep(0)
        await room({"type": "websocket"}, knock, note)
        assert sent.pop() == {"type": "websocket.close", "code": 1013}
        await room({"type": "http", "path": "/3/"}, knock, note)
        assert [message.get("status") for message in sent] == [503, None]
        assert b"room is full" in sent[1]["body"]
        leave.set()
        await asyncio.gather(*staying)
        sent.clear()
        await room({"type": "websocket"}, knock, note)
        assert sent == []

    asyncio.run(visits())


def test_python_is_parsed_by_one_thread_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most = 0, 0

    def parse(text: str) -> str:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.002)
        inside -= 1
        return text

    monkeypatch.setattr(ast, "parse", parse)
    parse_in_turn()
    threads = [threading.Thread(target=ast.parse, args=["x"]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


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
    said = plandrift("workshop", "--export", "stick", "--seeds", 20, cwd=tmp_path).stdout
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
