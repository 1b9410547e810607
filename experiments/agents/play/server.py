"""The MCP server of a session: one tool per action, over stdio or over HTTP on this machine."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plandrift.experiments.agents.play.input_lines import lines_of
from plandrift.experiments.agents.play.player_session import SERVED_BY, PlayerSession, keep
from plandrift.experiments.agents.play.tools import FAILED, Tools, as_text
from plandrift.sim import PlandriftError, Session

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

TASK, WORDS = "plandrift://task", "plandrift://glossary"
"""The resources that a client can read besides calling tools."""


def sdk(module: str) -> Any:
    """Import a module of the MCP SDK, or of one of its dependencies.

    Raises:
        PlandriftError: the SDK is not installed.
    """
    try:
        return import_module(module)
    except ImportError:
        raise PlandriftError("the MCP SDK is not installed: pip install 'plandrift[agents]'") from None


GLANCE = 0.25
"""The seconds between two checks whether a session has ended or been abandoned."""


class ServedSession:
    """A session that is being played over MCP.

    Attributes:
        player: the player's session, as requested.
        session: the running session.
        tools: what the agent is offered.
        touched: when a tool was last called, in seconds of this machine's clock.
    """

    def __init__(
        self,
        player: PlayerSession,
        folder: Path | None,
        tell: Callable[[str], None] = lambda _: None,
        ended: Callable[[Session], None] = lambda _: None,
    ) -> None:
        """Begin a session.

        Args:
            player: the player's session.
            folder: where it is saved as soon as it has ended; nowhere if None.
            tell: called with one line when it has been saved.
            ended: called with the session when it has ended, before it is saved.
        """
        self.player, self.folder, self._ended = player, folder, ended
        self.session = player.begin()
        self.tools = Tools(self.session)
        self.touched = time.monotonic()
        self._tell, self._kept = tell, False
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / SERVED_BY).write_text(str(os.getpid()))
            except OSError as error:
                raise PlandriftError(f"--out {folder}: {error.strerror}: give another folder") from None
        self._lock: Any = None

    def server(self) -> Server[Any]:
        """Return the MCP server for its tools and resources."""
        types = sdk("mcp_types")

        async def list_tools(_context: Any, _params: Any) -> Any:
            return types.ListToolsResult(
                tools=[
                    types.Tool(
                        name=tool.name,
                        description=tool.meaning,
                        input_schema=tool.schema,
                        annotations=types.ToolAnnotations(
                            read_only_hint=tool.reads, open_world_hint=tool.name in self.tools.actions
                        ),
                    )
                    for tool in self.tools.listed.values()
                ]
            )

        async def call_tool(_context: Any, params: Any) -> Any:
            if params.name not in self.tools.listed:
                error = sdk("mcp.shared.exceptions").MCPError
                raise error(types.INVALID_PARAMS, f"there is no tool {params.name!r:.60}")
            answer, wrong = await self._answered(params.name, params.arguments or {})
            return types.CallToolResult(
                content=[types.TextContent(type="text", text=answer if wrong else as_text(answer))],
                structured_content=None if wrong else answer,
                is_error=wrong or answer.get("reported") in FAILED,
            )

        async def list_resources(_context: Any, _params: Any) -> Any:
            listed = [("task", TASK, "what is to be done"), ("glossary", WORDS, "what the names mean")]
            return types.ListResourcesResult(
                resources=[
                    types.Resource(name=name, uri=uri, description=meaning, mime_type="text/plain")
                    for name, uri, meaning in listed
                ]
            )

        async def read_resource(_context: Any, params: Any) -> Any:
            texts = {TASK: self.tools.brief(), WORDS: self._glossary()}
            if str(params.uri) not in texts:
                error = sdk("mcp.shared.exceptions").MCPError
                raise error(types.INVALID_PARAMS, f"there is nothing at {str(params.uri)!r:.60}")
            text = texts[str(params.uri)]
            return types.ReadResourceResult(
                contents=[types.TextResourceContents(uri=params.uri, text=text, mime_type="text/plain")]
            )

        made: Server[Any] = sdk("mcp.server.lowlevel").Server(
            "plandrift",
            version=version("plandrift"),
            instructions=self.tools.brief(),
            on_list_tools=list_tools,
            on_call_tool=call_tool,
            on_list_resources=list_resources,
            on_read_resource=read_resource,
        )
        return made

    async def _answered(self, name: str, arguments: dict[str, Any]) -> tuple[Any, bool]:
        """Return the answer to the agent, or what is wrong with its call; calls are handled one at a time."""
        anyio = sdk("anyio")
        if self._lock is None:
            self._lock = anyio.Lock()
        async with self._lock:
            self.touched = time.monotonic()
            try:
                answer = self.tools.call(name, arguments)
            except PlandriftError as error:
                self._keep_if_over()
                return " ".join(str(error).split()), True
            self._keep_if_over()
            # A live world does not run ahead of the clock.
            await anyio.sleep(max(0.0, self.session.ahead))
            self.touched = time.monotonic()
            return answer, False

    async def watch(self, idle: float, stop: Callable[[], None]) -> None:
        """End the session when its agent has sent nothing for this many seconds."""
        anyio = sdk("anyio")
        while not self.session.over:
            left = self.touched + idle - time.monotonic()
            if left <= 0:
                self.leave(f"nothing heard for {idle:g} seconds")
                stop()
                return
            await anyio.sleep(min(left, GLANCE))

    def leave(self, reason: str) -> None:
        """End and save the session where it is, because the agent is gone."""
        self.session.leave(reason)
        self._keep_if_over()

    def _keep_if_over(self) -> None:
        if not self.session.over or self._kept:
            return
        self._kept = True
        self._ended(self.session)
        if self.folder is not None:
            keep(self.session, self.player, self.folder)
            (self.folder / SERVED_BY).unlink(missing_ok=True)
        metrics = self.session.metrics
        self._tell(
            f"seed {self.player.seed}: {self.session.episode.end} at {metrics.duration:.2f}, "
            f"{metrics.steps_fired} calls, {metrics.misfires} misfires, {metrics.harm} harmful, "
            f"goals met {metrics.goals_met:.0%}"
            + (f", saved in {self.folder}" if self.folder is not None else "")
        )

    def _glossary(self) -> str:
        glossary = self.session.introduction.glossary
        return "\n".join(f"{name}: {meaning}" for name, meaning in glossary.items())


async def serve_stdio(served: ServedSession, idle: float) -> None:
    """Serve one session on this process's own stdin and stdout, until the client disconnects.

    Raises:
        PlandriftError: the process has no stdin.
    """
    anyio, stdio = sdk("anyio"), sdk("mcp.server.stdio")
    server = served.server()
    try:
        lines = lines_of(sys.stdin.fileno())
    except (AttributeError, OSError, ValueError):
        raise PlandriftError(
            "serve: it has no standard input: let an MCP client start it, or give --http"
        ) from None
    try:
        async with (
            anyio.create_task_group() as group,
            stdio.stdio_server(lines) as (reads, writes),
        ):
            group.start_soon(served.watch, idle, group.cancel_scope.cancel)
            group.start_soon(_stopped, group.cancel_scope.cancel)
            await server.run(
                await _understood(group, reads, writes), writes, server.create_initialization_options()
            )
            group.cancel_scope.cancel()
    finally:
        served.leave("the client disconnected")


async def _understood(group: Any, reads: Any, writes: Any) -> Any:
    """Yield the messages of a client; anything else is answered with the JSON-RPC error for it."""
    types, message = sdk("mcp_types"), sdk("mcp.shared.message").SessionMessage
    passed, taken = sdk("anyio").create_memory_object_stream(0)

    async def read() -> None:
        async with passed:
            async for one in reads:
                if not isinstance(one, Exception):
                    await passed.send(one)
                    continue
                broken = "json_invalid" in {kind["type"] for kind in getattr(one, "errors", list)()}
                error = types.ErrorData(
                    code=types.PARSE_ERROR if broken else types.INVALID_REQUEST,
                    message="Parse error: a line is not JSON"
                    if broken
                    else "Invalid Request: not JSON-RPC 2.0",
                )
                await writes.send(message(types.JSONRPCError(jsonrpc="2.0", id=None, error=error)))

    group.start_soon(read)
    return taken


async def _stopped(stop: Callable[[], None]) -> None:
    """Stop when the process is asked to end, so that the session is saved first."""
    with sdk("anyio").open_signal_receiver(signal.SIGTERM, signal.SIGINT) as heard:
        async for _ in heard:
            stop()
            return
