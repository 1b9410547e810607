"""A process in which a named engine plans, kept from one plan to the next: loading it takes seconds.

Orders and answers are JSON, one a line. What the engine itself prints goes nowhere, and whatever it has
started ends with it when it takes too long.
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
"""Bytes read of an answer at once."""


class EngineProcess:
    """The process, begun when it is first asked.

    Attributes:
        process: None before that, and after one has been ended.
    """

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def ask(self, order: dict[str, Any], limit: float) -> dict[str, Any] | None:
        """The answer to an order; None if it takes more than `limit` seconds of the clock."""
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
        """End the process and all that it has started."""
        process, self.process = self.process, None
        if process is None or self._owner != os.getpid():
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def _begun(self) -> subprocess.Popen[bytes]:
        # A process that was forked must not share its parent's.
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
    """A line; nothing if what writes it has ended, None if it is not there in time."""
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
"""The one of this process."""
atexit.register(WORKER.end)


def main() -> None:
    """Answer orders until there are no more."""
    answers = os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    engine = import_module("plandrift.worlds.pddl.engine")
    for line in sys.stdin:
        print(json.dumps(engine.solved(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
