"""A worker process for a planning engine, kept between plans because loading the engine takes seconds.

Requests and answers are JSON, one per line. The engine's own output is discarded. If it takes too long, it is
killed together with every process that it has started.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
from importlib import import_module
from time import monotonic
from typing import Any

BLOCK = 65_536
"""How many bytes of an answer are read at once."""


class EngineProcess:
    """The worker process, started at the first request.

    Attributes:
        process: the running process; None before the first request and after `end`.
    """

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def ask(self, order: dict[str, Any], limit: float) -> dict[str, Any] | None:
        """Return the answer to a request, or None if it takes more than `limit` seconds."""
        process = self._begun()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.flush()
            answer = _line(process.stdout.fileno(), monotonic() + limit)
        except BaseException:
            self.end()
            raise
        if answer is None:
            self.end()
            return None
        if not answer:
            self.end()
            return {"error": f"world.planner = {order['name']}: the engine's process died: use built-in"}
        found: dict[str, Any] = json.loads(answer)
        return found

    def end(self) -> None:
        """Kill the process and everything that it has started."""
        process, self.process = self.process, None
        if process is None or self._owner != os.getpid():
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def _begun(self) -> subprocess.Popen[bytes]:
        # A forked process must not share its parent's worker.
        if self.process is None or self._owner != os.getpid() or self.process.poll() is not None:
            self.end()
            self._owner = os.getpid()
            self.process = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "0"},
                start_new_session=True,
            )
        return self.process


def _line(source: int, until: float) -> bytes | None:
    """Read a line; return an empty line if the writer has ended, None if the line does not arrive in time."""
    said = b""
    with selectors.DefaultSelector() as selector:
        selector.register(source, selectors.EVENT_READ)
        while not said.endswith(b"\n"):
            if not selector.select(max(0.0, until - monotonic())):
                return None
            block = os.read(source, BLOCK)
            if not block:
                return b""
            said += block
    return said


WORKER = EngineProcess()
"""The worker process that belongs to this Python process."""
atexit.register(WORKER.end)


def main() -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    engine = import_module("plandrift.worlds.pddl.engine")
    for line in sys.stdin:
        print(json.dumps(engine.solved(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
