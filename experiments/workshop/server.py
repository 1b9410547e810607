"""The lessons in a browser: one server in run mode, processes behind it, and a limit on its sessions."""

from __future__ import annotations

import ast
import asyncio
import builtins
import gc
import html
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from functools import wraps
from importlib import import_module, resources
from typing import Any

from plandrift.experiments.pages.elements import html_table
from plandrift.experiments.pages.page import page
from plandrift.experiments.pages.story import story_page
from plandrift.experiments.pages.tokens import variables
from plandrift.experiments.serving.whole_requests import whole_requests
from plandrift.experiments.sweeps.workers import processes
from plandrift.experiments.workshop import (
    EPISODES,
    LESSONS,
    OWN,
    QUIZ,
    QUIZ_RESULTS,
    SESSIONS,
    STORY,
)
from plandrift.experiments.workshop.cached_runs import CACHE
from plandrift.experiments.workshop.drawing import svg
from plandrift.experiments.workshop.exit_quiz import RESULTS
from plandrift.experiments.workshop.lessons import screens
from plandrift.experiments.workshop.origin_check import App, OriginCheck, Receive, Scope, Send
from plandrift.sim import PlandriftError

STYLE = variables() + (
    "body{font:20px/1.6 Verdana,'DejaVu Sans',sans-serif;max-width:38em;margin:2em auto;padding:0 1em;"
    "background:var(--ground);color:var(--ink)}a{color:var(--link)}"
)


TABLE = ".scroll{overflow-x:auto}table{border-spacing:1em .3em;text-align:left;font-size:.8em}"


HOW = (
    "<h1>How stale was your agent?</h1><p>Its transcripts tell you. They are read on this machine and "
    "sent nowhere:</p>"
    "<pre>plandrift agent import claude-code ~/.claude/projects --out ops.parquet\n"
    "plandrift workshop --operations ops.parquet</pre><p><a href='/'>Back to the lessons</a></p>"
)


def lessons_app(own: str | None = None) -> Any:
    """Return the seven lessons and their index as an ASGI application.

    Args:
        own: the page of the learner's own agent; if not given, a page that says how to get one.

    Raises:
        PlandriftError: marimo is not installed.
    """
    try:
        marimo: Any = import_module("marimo")
    except ImportError:
        raise PlandriftError("workshop: marimo is not installed: pip install 'plandrift[workshop]'") from None
    server = marimo.create_asgi_app(quiet=True, include_code=False)
    folder = resources.files("plandrift.experiments.workshop.lessons")
    for number in range(1, len(LESSONS) + 1):
        server = server.with_app(path=f"/{number}", root=str(folder / f"lesson_{number}.py"))
    server = server.with_app(path=QUIZ, root=str(folder / "lesson_quiz.py"))
    return LessonRoom(server.build(), own=own)


class LessonRoom:
    """Admits a limited number of sessions, and serves the index.

    Args:
        app: the lessons' application.
        most: the most sessions at once.
        own: the page of the learner's own agent.
    """

    def __init__(self, app: App, most: int = SESSIONS, own: str | None = None) -> None:
        self._app = app
        self._own = own or page("How stale was your agent?", HOW, style=STYLE)
        self._most = most
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an ASGI request."""
        if scope["type"] == "websocket":
            if self._open >= self._most:
                await receive()
                await send({"type": "websocket.close", "code": 1013})
                return
            self._open += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._open -= 1
        elif scope["type"] == "http" and scope["path"] == "/":
            await _say(send, 200, index_page())
        elif scope["type"] == "http" and scope["path"].rstrip("/") == STORY.rstrip("/"):
            await _say(send, 200, await asyncio.to_thread(story_page))
        elif scope["type"] == "http" and scope["path"].rstrip("/") == OWN.rstrip("/"):
            await _say(send, 200, self._own)
        elif scope["type"] == "http" and scope["path"].rstrip("/") == QUIZ_RESULTS.rstrip("/"):
            await _say(send, *results_page(scope.get("client")))
        elif scope["type"] == "http" and self._open >= self._most and scope["path"].strip("/").isdigit():
            text = f"<h1>The room is full</h1><p>{self._most} lessons are open, which is the limit.</p>"
            await _say(send, 503, page("The room is full", text, style=STYLE))
        else:
            await self._app(scope, receive, send)


async def _say(send: Send, status: int, text: str) -> None:
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})


def index_page() -> str:
    """Return the page that links to the lessons."""
    items = "".join(
        f'<li><a href="/{number}/">{html.escape(title)}</a></li>' for number, title in enumerate(LESSONS, 1)
    )
    body = (
        "<h1>When does a plan go stale?</h1>"
        f"<p>Begin with <a href='{STORY}'>the story</a>: five minutes, before any explanation.</p>"
        f"<p>Seven lessons, about fifteen minutes each: predict, run, explain.</p><ol>{items}</ol>"
        f"<p>At the end: <a href='{QUIZ}/'>the exit quiz</a>. Its <a href='{QUIZ_RESULTS}'>results</a> are "
        "shown on the teacher's machine.</p>"
        f"<p>After that: <a href='{OWN}'>your own agent, from its transcripts</a>.</p>"
    )
    return page("plandrift: the workshop", body, style=STYLE)


def results_page(client: Sequence[Any] | None) -> tuple[int, str]:
    """Return status and page of the teacher's table, for the machine that serves the lessons."""
    if client is None or client[0] not in ("127.0.0.1", "::1"):
        text = "<h1>Not here</h1><p>The results are shown on the teacher's machine.</p>"
        return 403, page("Not here", text, style=STYLE)
    rows = RESULTS.rows()
    shown = html_table(rows) if rows else "<p>Nobody has handed in yet.</p>"
    body = f"<h1>The exit quiz</h1>{shown}<p>Load the page again for those who hand in later.</p>"
    return 200, page("The exit quiz: results", body, style=STYLE + TABLE)


def parse_in_turn() -> None:
    """Make threads parse Python one at a time from here on, because marimo parses a lesson for each session.

    CPython 3.11 keeps the depth of the tree that it builds in one place for all threads: when twenty people
    opened a lesson in the same second, one of them got "AST constructor recursion depth mismatch" instead.
    Every syntax tree is made by `compile`, whoever asks for it, and another thread can interrupt only where a
    garbage collection calls Python code.
    """
    compiled, turn = builtins.compile, threading.RLock()

    @wraps(compiled)
    def in_turn(*args: Any, **named: Any) -> Any:
        flags = named.get("flags", args[3] if len(args) > 3 else 0)
        if not flags & ast.PyCF_ONLY_AST:
            return compiled(*args, **named)
        with turn:
            collecting = gc.isenabled()
            gc.disable()
            try:
                return compiled(*args, **named)
            finally:
                if collecting:
                    gc.enable()

    setattr(builtins, "compile", in_turn)  # noqa: B010 (a type checker refuses the assignment)


def free(host: str, port: int) -> None:
    """Check that an address can be listened on before anything is started.

    Raises:
        PlandriftError: the host is not this machine, or the port is taken or not allowed.
    """
    if not host.strip():
        raise PlandriftError("workshop: --host is empty: give an address, or 0.0.0.0 for the room")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, port), family=family):
            pass
    except (OSError, UnicodeError, ValueError, TypeError) as error:
        reason = getattr(error, "strerror", None) or "no such host"
        raise PlandriftError(f"workshop: {host}:{port}: {reason}: give another --port or --host") from None


def serve(host: str, port: int, workers: int, ready: Callable[[], None], own: str | None = None) -> None:
    """Serve the lessons until Ctrl-C or SIGTERM.

    Args:
        host: the address to listen on, as checked by `free`.
        port: the port.
        workers: number of processes that run the episodes.
        ready: called once the server answers.
        own: the page of the learner's own agent.

    Raises:
        PlandriftError: marimo is not installed.
    """
    app = lessons_app(own)
    parse_in_turn()
    uvicorn: Any = import_module("uvicorn")
    pool = processes(workers)
    # The first task starts every process, before any session has a main module of its own.
    pool.submit(int).result()
    CACHE.pool = pool
    # Uvicorn raises a signal again once it has stopped; SIGTERM would then leave the pool running.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        threading.Thread(target=_beforehand, daemon=True).start()
        threading.Thread(target=_when_open, args=[host, port, ready], daemon=True).start()
        # A browser that keeps its connection open must not keep the server from ending.
        uvicorn.run(
            OriginCheck(app, host, port),
            host=host,
            port=port,
            log_level="error",
            timeout_graceful_shutdown=1,
            http=whole_requests(),
        )
    finally:
        CACHE.pool = None
        pool.shutdown(cancel_futures=True)


def _beforehand() -> None:
    """Run what the controls can ask for, so that the results are ready when they do."""
    with suppress(CancelledError, RuntimeError):  # the pool has ended
        for screen in screens.beforehand(EPISODES):
            svg(screen)


def _when_open(host: str, port: int, ready: Callable[[], None]) -> None:
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    for _ in range(600):
        try:
            socket.create_connection((local, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            ready()
            return
