"""The check of host and origin: only pages of the lessons' own server may send requests to it.

Any open page can send requests to this machine, but it cannot claim an address of the server as its own. So
the host and the origin of each request are checked, against DNS rebinding and cross-site WebSocket
hijacking.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")


class OriginCheck:
    """Passes on requests for the server's own addresses; scripts of other pages cannot read the answers.

    Args:
        app: the application that requests are passed on to.
        host: the address that the server listens on; if it is every address, each of them is allowed.
        port: the server's port.
    """

    def __init__(self, app: App, host: str, port: int) -> None:
        self._app, self._port = app, port
        self._anywhere = host in EVERYWHERE
        self._names = {host.lower()}
        if self._anywhere or host in LOOPBACK:
            self._names |= set(LOOPBACK)
        if self._anywhere:
            mine = socket.gethostname().lower()
            self._names |= {mine, f"{mine.partition('.')[0]}.local"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an ASGI request."""
        if scope["type"] not in ("http", "websocket") or self.allows(_headers(scope)):
            await self._app(scope, receive, _quiet(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            text = b"This is not an address of the lessons.\n"
            headers = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": text})

    def allows(self, headers: MutableMapping[str, str]) -> bool:
        """Say whether a request with these headers, whose names are in lower case, is passed on.

        >>> check = OriginCheck(None, "127.0.0.1", 2718)
        >>> check.allows({"host": "localhost:2718"}), check.allows({"host": "example.org:2718"})
        (True, False)
        """
        host = headers.get("host", "")
        if not self._mine(host):
            return False
        origin = headers.get("origin")
        return origin is None or origin.lower() == f"http://{host}".lower()

    def _mine(self, host: str) -> bool:
        name, port = None, None
        with suppress(ValueError):
            split = urlsplit(f"//{host}")
            name, port = split.hostname, split.port or 80
        if name is None or port != self._port:
            return False
        return name in self._names or (self._anywhere and _is_number(name))


def _is_number(name: str) -> bool:
    # DNS rebinding needs a name: a numeric host cannot belong to a page of another machine.
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _headers(scope: Scope) -> MutableMapping[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _quiet(send: Send) -> Send:
    """Leave out the headers that would let other pages read what is sent."""

    async def sent(message: Scope) -> None:
        if message["type"] in ("http.response.start", "websocket.accept"):
            headers = message.get("headers", [])
            message["headers"] = [
                (name, value) for name, value in headers if not name.lower().startswith(b"access-control-")
            ]
        await send(message)

    return sent
