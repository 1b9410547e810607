"""An agent of your own over MCP, which reads each record just before it updates it.

plandrift agent play records --agent 'python examples/mcp_agent.py' --seeds 3 --pace fixed:0.5 --out mine
"""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters


async def play() -> None:
    """Play one session; a file from plandrift says how to start the server for this seed."""
    server = json.loads(Path(os.environ["PLANDRIFT_MCP"]).read_text())["mcpServers"]["world"]
    async with Client(StdioServerParameters(**server)) as client:

        async def call(tool: str, **arguments: Any) -> dict[str, Any]:
            result = await client.call_tool(tool, arguments)
            return result.structured_content or {}

        for number in range(10):
            seen = (await call("look", patterns=[f"record-{number}.*"]))["known"]
            held = {name.partition(".")[2]: known["value"] for name, known in seen.items()}
            if held.pop("content") != "current":
                told = await call("update_record", record=number, **held)
                print(number, told["reported"])
        await call("done")


asyncio.run(play())
