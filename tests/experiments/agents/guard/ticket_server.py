"""A ticket server with versions, as somebody would write one with the SDK; tickets are kept in a file."""

import json
import sys
from pathlib import Path
from typing import Any

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError

store = Path(sys.argv[1])
server = MCPServer("tickets")


@server.tool()
def get_ticket(id: int) -> dict[str, Any]:
    """Return a ticket."""
    store.with_suffix(".reads").open("a").write("r")
    found: dict[str, Any] = json.loads(store.read_text())[str(id)]
    return found


@server.tool()
def set_status(id: int, status: str, if_match: int | None = None) -> dict[str, Any]:
    """Set a ticket's status, if its version is the one given."""
    held = json.loads(store.read_text())
    ticket = held[str(id)]
    if if_match is not None and if_match != ticket["version"]:
        raise ToolError(f"ticket {id} has version {ticket['version']}, not {if_match}")
    held[str(id)] = {"status": status, "version": ticket["version"] + 1}
    store.write_text(json.dumps(held))
    store.with_suffix(".writes").open("a").write(f"{id} {status} {if_match}\n")
    found: dict[str, Any] = held[str(id)]
    return found


@server.tool()
async def slow(seconds: float, ctx: Context) -> str:
    """Take a while, and tell how far it is."""
    for step in range(4):
        await ctx.report_progress(step, 4)
        await anyio.sleep(seconds / 4)
    store.with_suffix(".slow").write_text("done")
    return "done"


server.run("stdio")
