"""Sessions over HTTP: one per seed, each at its own address, for clients that send the token."""

from __future__ import annotations

import hmac
import secrets
import socket
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from plandrift.experiments.agents.play.server import ServedSession, sdk
from plandrift.experiments.serving.whole_requests import whole_requests
from plandrift.sim import PlandriftError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HERE = ("127.0.0.1", "localhost", "::1")
"""The host names of this machine."""


def address(text: str, anywhere: bool) -> tuple[str, int]:
    """Parse a host and a port.

    Raises:
        PlandriftError: it is not a host and port, or it names another machine without permission.
    """
    host, _, number = text.rpartition(":")
    host = host.strip("[]")
    if not host or not number.isdigit() or int(number) > 65535:
        raise PlandriftError(f"--http {text}: give HOST:PORT, such as 127.0.0.1:8765")
    if host not in HERE and not anywhere:
        raise PlandriftError(f"--http {text}: {host} is not this machine: give 127.0.0.1, or add --anywhere")
    return host, int(number)


BACKLOG = 128
"""The number of clients that may wait for a connection."""


class TokenGate:
    """Passes on only the requests that carry the token."""

    def __init__(self, app: Any, token: str) -> None:
        self._app, self._wanted = app, f"Bearer {token}".encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            shown = dict(scope["headers"]).get(b"authorization", b"")
            if not hmac.compare_digest(shown, self._wanted):
                response = sdk("starlette.responses").PlainTextResponse(
                    "send the token: Authorization: Bearer TOKEN\n", 401, {"WWW-Authenticate": "Bearer"}
                )
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)


def application(served_sessions: Sequence[ServedSession], token: str, host: str, port: int) -> Any:
    """The web application of some sessions: /SEED/mcp is the one of a seed, and /mcp the first.

    On this machine, only requests for its own address are answered, and from web pages only its own.
    """
    routing, security = sdk("starlette.routing"), sdk("mcp.server.transport_security")
    managers = sdk("mcp.server.streamable_http_manager")
    allowed = None
    if host in HERE:
        allowed = security.TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            # With `:*` for the port, the SDK accepts everything with that beginning, such as
            # localhost:1.example.org.
            allowed_hosts=[f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")],
            allowed_origins=[f"http://{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")],
        )
    routes, made = [], []
    for place, served in enumerate(served_sessions):
        manager = managers.StreamableHTTPSessionManager(served.server(), security_settings=allowed)
        made.append(manager)
        paths = [f"/{served.player.seed}/mcp", *(["/mcp"] if place == 0 else [])]
        routes += [routing.Route(path, managers.StreamableHTTPASGIApp(manager)) for path in paths]

    @asynccontextmanager
    async def running(_app: Any) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for manager in made:
                await stack.enter_async_context(manager.run())
            yield

    return TokenGate(sdk("starlette.applications").Starlette(routes=routes, lifespan=running), token)


async def serve_http(
    served_sessions: Sequence[ServedSession],
    host: str,
    port: int,
    token: str | None,
    idle: float,
    tell: Callable[[str], None],
) -> None:
    """Serve sessions until each has ended or been idle for this many seconds.

    Raises:
        PlandriftError: the address cannot be used, or the token is empty.
    """
    if token is not None and not token.strip():
        raise PlandriftError(
            "--token is empty: give one that is hard to guess, or leave it out to have one generated"
        )
    anyio, uvicorn = sdk("anyio"), sdk("uvicorn")
    secret = token or secrets.token_urlsafe(16)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        # A client that knows the address may connect before the server accepts connections.
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        raise PlandriftError(f"--http {host}:{port}: {error.strerror}: give another port") from None
    taken = bound.getsockname()[1]
    config = uvicorn.Config(
        application(served_sessions, secret, host, taken),
        log_level="error",
        lifespan="on",
        http=whole_requests(),
    )
    server = uvicorn.Server(config)
    where = f"[{host}]" if ":" in host else host
    tell(f"serving http://{where}:{taken}/mcp")
    if token is None:
        tell(f"token: {secret}")

    async def over() -> None:
        async with anyio.create_task_group() as watches:
            for served in served_sessions:
                watches.start_soon(served.watch, idle, lambda: None)
        # The last answer must still reach its client.
        await anyio.sleep(0.5)
        server.should_exit = True

    try:
        async with anyio.create_task_group() as group:
            group.start_soon(over)
            await server.serve(sockets=[bound])
            group.cancel_scope.cancel()
    finally:
        bound.close()
        for served in served_sessions:
            served.leave("the server was stopped")
