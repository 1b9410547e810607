"""Request timeout: a connection is closed if its request is not complete within 10 seconds."""

from __future__ import annotations

import asyncio
from typing import Any

PATIENCE = 10.0
"""Seconds from the first byte of a request, or from the beginning of a connection, until its last byte."""


def whole_requests() -> Any:
    """Uvicorn's own HTTP protocol, except that it closes such connections; pass it to `Config` as `http`.

    Uvicorn itself limits only the time between two requests.
    """
    import h11
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class WholeRequests(H11Protocol):
        waiting: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self.waiting = self.loop.call_later(PATIENCE, transport.close)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            state = self.conn.their_state
            half = state is h11.SEND_BODY or (state is h11.IDLE and bool(self.conn.trailing_data[0]))
            if not half:
                self._stop_waiting()
            elif self.waiting is None:
                self.waiting = self.loop.call_later(PATIENCE, self.transport.close)

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_waiting()
            super().connection_lost(exc)

        def _stop_waiting(self) -> None:
            if self.waiting is not None:
                self.waiting.cancel()
                self.waiting = None

    return WholeRequests
