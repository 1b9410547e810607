"""Lines of standard input that can be awaited and cancelled, unlike a thread that reads them."""

from __future__ import annotations

import os
import stat
import sys
from typing import Any

CHUNK = 1 << 16


def lines_of(descriptor: int) -> InputLines | None:
    """Return the lines of a pipe, socket or terminal; None for a file, and on Windows."""
    mode = os.fstat(descriptor).st_mode
    waits = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor)
    return InputLines(descriptor) if waits and sys.platform != "win32" else None


class InputLines:
    """Lines for `async for`: each as text, with its line end.

    Args:
        descriptor: the file descriptor to read, which is not closed.
    """

    def __init__(self, descriptor: int) -> None:
        # A dependency of the MCP SDK, so it is available for every session over MCP.
        import anyio

        self._wait: Any = anyio.wait_readable
        self._descriptor = descriptor
        self._held = bytearray()
        self._seen = 0

    def __aiter__(self) -> InputLines:
        return self

    async def __anext__(self) -> str:
        while (end := self._held.find(b"\n", self._seen)) < 0:
            self._seen = len(self._held)
            await self._wait(self._descriptor)
            more = os.read(self._descriptor, CHUNK)
            if not more:
                if not self._held:
                    raise StopAsyncIteration
                end = len(self._held)
                break
            self._held += more
        line = bytes(self._held[: end + 1])
        del self._held[: end + 1]
        self._seen = 0
        return line.decode(errors="replace")
