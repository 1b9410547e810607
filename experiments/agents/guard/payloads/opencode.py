"""OpenCode: a plugin in its own process, which runs the hook client and throws what that refuses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from plandrift.experiments.agents.guard.payloads.host import (
    HookAnswer,
    HookFile,
    Host,
    HostCall,
    HostEvent,
    Payload,
    When,
    ask_a_person,
    made_call,
    object_of,
    quiet,
    use_of,
    whole_if_it_is,
)
from plandrift.experiments.agents.guard.tool_use import GuardRuling
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.opencode import touches_of

EVENTS: dict[str, When] = {"before": "before", "after": "after", "compacted": "compacted"}
PLUGIN = """// Made by `plandrift agent guard init`.
import { spawnSync } from "node:child_process"
const COMMAND = %s
const ask = (payload, directory) => {
  const done = spawnSync(COMMAND[0], COMMAND.slice(1), {
    input: JSON.stringify({ ...payload, directory }), encoding: "utf8", timeout: 5000,
  })
  if (done.status === 2) return { deny: done.stderr }
  try { return JSON.parse(done.stdout || "{}") } catch { return {} }
}
export const Plandrift = async ({ directory }) => ({
  "tool.execute.before": async (input, output) => {
    const said = ask({ when: "before", ...input, args: output.args }, directory)
    if (said.deny) throw new Error(said.deny)
  },
  "tool.execute.after": async (input, output) => {
    const said = ask({ when: "after", ...input, result: output }, directory)
    if (said.context) output.output += "\\n\\n" + said.context
  },
  event: async ({ event }) => {
    if (event.type === "session.compacted")
      ask({ when: "compacted", sessionID: event.properties.sessionID }, directory)
  },
})
"""


def event(payload: Payload, tools: Mapping) -> HostEvent:
    """Read what the plugin tells."""
    when = EVENTS.get(str(payload.get("when") or ""), "nothing")
    tool, given = str(payload.get("tool") or ""), object_of(payload.get("args"))
    folder, result = str(payload.get("directory") or ""), object_of(payload.get("result"))
    text, metadata = str(result.get("output") or ""), object_of(result.get("metadata"))
    if tool == "bash":
        shown = None if metadata.get("truncated") is True else text
        told = HostCall(
            tool, given, str(given.get("workdir") or folder), str(given.get("command") or ""), shown
        )
    else:
        answer = {"text": text, "cut": metadata.get("truncated") is True} if when == "after" else {}
        found = touches_of(made_call(HostCall(tool, given, folder), answer))
        told = HostCall(tool, given, folder, files=[whole_if_it_is(touch) for touch in found])
    use = use_of(
        told,
        tools,
        session=payload.get("sessionID"),
        call=payload.get("callID"),
        answered=when == "after",
        result=text,
        program="opencode",
    )
    return HostEvent(when, use)


def refusal(ruling: GuardRuling) -> dict[str, Any]:
    """Tell the plugin what to throw."""
    return {"deny": ask_a_person(ruling)}


def after(text: str, _payload: Payload) -> HookAnswer:
    """Tell the plugin what to add to the tool's output."""
    return quiet(text, lambda said: {"context": said})


def hook(command: Sequence[str]) -> HookFile:
    """Return the project's plugin."""
    return HookFile(".opencode/plugins/plandrift.js", PLUGIN % json.dumps(list(command)))


HOST = Host(
    "opencode",
    event,
    refusal,
    after,
    hook,
    "a crash or a time-out lets the call through",
    "what read and plain shell reads show",
)
