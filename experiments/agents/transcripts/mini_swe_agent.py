"""Trajectories of mini-SWE-agent: a list of messages in which every action is a shell command.

Each command runs in a shell of its own. Versions before 2 record no times, and give the command only in a
block of the model's text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from plandrift.experiments.agents.transcripts.clockless import contained, without_clock
from plandrift.experiments.agents.transcripts.digest import Names, asked_hash
from plandrift.experiments.agents.transcripts.format import Format, Head
from plandrift.experiments.agents.transcripts.knowledge import Touch
from plandrift.experiments.agents.transcripts.lines import Source, documents, seconds
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.agents.transcripts.operation_buffer import OperationBuffer
from plandrift.experiments.agents.transcripts.told import Told, printed, rows_told, shell_call

_BLOCK = re.compile(r"^```(?:bash|mswea_bash_command)[ \t]*\n(.*?)\n```", re.DOTALL | re.MULTILINE)
_ANSWER = re.compile(r"<returncode>(-?\d+)</returncode>\s*(?:<output>\n?(.*?)\n?</output>)?", re.DOTALL)


def gather(
    files: Iterable[Source], buffer: OperationBuffer, progress: Callable[[int], None] | None = None
) -> None:
    """Read trajectories into a buffer."""
    for source, held in documents(files, buffer.summary, progress):
        messages = held.get("messages") if isinstance(held, dict) else held
        if not isinstance(messages, list):
            buffer.summary.troubles["documents without messages"] += 1
            continue
        info = held.get("info") if isinstance(held, dict) else None
        info = info if isinstance(info, dict) else {}
        buffer.release = str(info.get("mini_version") or "")
        _messages([m for m in messages if isinstance(m, dict)], source.name, _folder(info), buffer)


def _folder(info: dict[str, Any]) -> str:
    held: Any = info
    for name in ("config", "environment"):
        held = held.get(name) if isinstance(held, dict) else None
    return str(held.get("cwd") or "") if isinstance(held, dict) else ""


def _messages(messages: list[dict[str, Any]], session: str, folder: str, buffer: OperationBuffer) -> None:
    waiting: list[tuple[str, dict[str, Any]]] = []
    clock, made = 0.0, 0
    if not any(_time(message) for message in messages):
        without_clock(buffer)
    for message in messages:
        time = _time(message)
        clock = max(clock, time or 0.0)
        if message.get("role") == "assistant":
            # Commands without an answer must not get the answers of the next message.
            waiting = []
            for command in _commands(message):
                kept = {"tool": "bash", "asked": asked_hash("bash", command), "folder": folder}
                kept |= shell_call(command)
                made += 1
                waiting.append((f"{made:06}", kept))
                buffer.call(session, "", waiting[-1][0], clock, kept)
        elif waiting and (answer := _answer(message)) is not None:
            id, kept = waiting.pop(0)
            code, text, cut = answer
            buffer.answer(session, id, clock, {"failed": code != 0, "text": printed(kept, text), "cut": cut})


def _time(message: dict[str, Any]) -> float | None:
    extra = message.get("extra")
    return seconds(extra.get("timestamp")) if isinstance(extra, dict) else None


def _commands(message: dict[str, Any]) -> list[str]:
    extra = message.get("extra")
    actions = extra.get("actions") if isinstance(extra, dict) else None
    if isinstance(actions, list):
        found = [action.get("command") for action in actions if isinstance(action, dict)]
    else:
        found = _BLOCK.findall(str(message.get("content") or ""))[:1]
    return [command for command in found if isinstance(command, str)]


def _answer(message: dict[str, Any]) -> tuple[int, str, bool] | None:
    """Return exit code, output, and whether part of it is missing; None if it is not an answer."""
    extra = message.get("extra")
    if isinstance(extra, dict) and isinstance(extra.get("returncode"), int):
        text = extra.get("raw_output")
        if isinstance(text, str):
            return extra["returncode"], text, False
    found = _ANSWER.search(str(message.get("content") or ""))
    return None if found is None else (int(found[1]), found[2] or "", found[2] is None)


def rows(buffer: OperationBuffer, names: Names, mapping: Mapping) -> Iterator[Operation]:
    """Return the operations of the calls in a buffer filled by `gather`."""
    return contained(rows_told(buffer, names, mapping, lambda _: Told([Touch("opaque")])))


def _fits(head: Head) -> bool:
    return head.name.endswith(".traj.json") and re.match(rb"\s*[\[{]", head.data) is not None


FORMAT = Format(
    "mini-swe-agent", "mini-SWE-agent trajectories", "fix.traj.json", (".traj.json",), gather, rows, _fits
)
