"""A transparent proxy in front of an MCP server on stdio: lines pass as they are, tool calls past the guard.

Both eras of the protocol go through it, because it negotiates nothing and answers nothing itself but the
calls that the guard holds back.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock, Thread
from types import FrameType
from typing import IO

from plandrift.experiments.agents.guard.guard_settings import GuardSettings
from plandrift.experiments.agents.guard.mcp_guard import McpGuard
from plandrift.sim import PlandriftError

GRACE = 3.0
"""The seconds that a server has to end by itself when its client has gone, and again when it is asked to."""
CHUNK = 1 << 16
WORKERS = 8
"""How many calls can wait for a look of the guard at once; meanwhile all other lines go on."""


def proxy(settings: GuardSettings, command: Sequence[str]) -> int:
    """Start a server and stand before it until one side ends; return the server's exit code.

    Raises:
        PlandriftError: the server cannot be started, or there is no client.
    """
    try:
        client, out = sys.stdin.fileno(), sys.stdout.buffer
    except (AttributeError, OSError, ValueError):
        raise PlandriftError(
            "guard mcp: it has no standard input and output: let an MCP client start it"
        ) from None
    try:
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise PlandriftError(f"-- {command[0]}: {why}: give a command that runs") from None
    assert server.stdin is not None
    assert server.stdout is not None

    def ended(_number: int, _frame: FrameType | None) -> None:
        server.terminate()

    before = {number: signal.signal(number, ended) for number in (signal.SIGTERM, signal.SIGINT)}
    up, down = _Pipe(server.stdin), _Pipe(out)
    guard = McpGuard(settings, up.write, lambda line: print(line, file=sys.stderr, flush=True))
    Thread(target=_up, args=(client, server, up, down, guard), daemon=True).start()
    for line in iter(server.stdout.readline, b""):
        guard.answered(line, down.write)
    # The server has closed its output: it has ended, or is about to.
    with contextlib.suppress(OSError):
        up.close()
    server.stdout.close()
    code = _ended(server)
    for number, handler in before.items():
        signal.signal(number, handler)
    return code


def _up(client: int, server: subprocess.Popen[bytes], up: _Pipe, down: _Pipe, guard: McpGuard) -> None:
    """Pass on the client's lines until there are no more, then let the server end."""
    with ThreadPoolExecutor(WORKERS) as pool:
        for line in _lines(client):
            call = guard.concerns(line)
            if call is None:
                up.write(line)
            elif guard.needs_look(call):
                pool.submit(guard.before, call, up.write, down.write)
            else:
                guard.before(call, up.write, down.write)
    with contextlib.suppress(OSError):
        up.close()
    _ended(server)


def _lines(descriptor: int) -> Iterator[bytes]:
    """Yield the lines of a pipe, each with its end."""
    # A buffered file cannot be left while it waits: Python would not end.
    held = b""
    while more := os.read(descriptor, CHUNK):
        *whole, held = (held + more).split(b"\n")
        yield from (line + b"\n" for line in whole)
    if held:
        yield held


class _Pipe:
    """A pipe that several threads write whole lines to; what nobody reads any more is dropped."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._lock = file, Lock()

    def write(self, line: bytes) -> None:
        if not line:
            return
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._file.write(line)
            self._file.flush()

    def close(self) -> None:
        with self._lock:
            self._file.close()


def _ended(server: subprocess.Popen[bytes]) -> int:
    for ask in (server.terminate, server.kill):
        try:
            code = server.wait(GRACE)
            return code if code >= 0 else 128 - code
        except subprocess.TimeoutExpired:
            ask()
    return 128 + signal.SIGKILL
