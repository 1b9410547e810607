"""Trajectories of SWE-agent: actions with their observations, in order and without times.

Each agent was alone in a container of its own, so equal paths in two trajectories are different files. Exit
codes are not recorded: a command whose output begins with the program's own name counts as failed.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath
from typing import Any

from plandrift.experiments.agents.transcripts.clockless import contained, without_clock
from plandrift.experiments.agents.transcripts.digest import Names, asked_hash, path_of
from plandrift.experiments.agents.transcripts.file_editor import editor_touch
from plandrift.experiments.agents.transcripts.format import Format, Head
from plandrift.experiments.agents.transcripts.knowledge import Replacement, Touch
from plandrift.experiments.agents.transcripts.lines import Source, documents, json_object
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.agents.transcripts.operation_buffer import MadeCall, OperationBuffer
from plandrift.experiments.agents.transcripts.told import Told, rows_told, shell_call

WINDOW = ("open", "goto", "scroll_up", "scroll_down")
"""The commands that show a part of the open file."""
EDITOR = "str_replace_editor"
_OTHERS = ("search_file", "search_dir", "find_file", "submit", "exit_cost", "set_cursors", "state")
_HEADER = re.compile(r"\[File: (.+?) \((\d+) lines total\)\]")
_SHOWN = re.compile(r"(\d+):(.*)")
_FAILED = re.compile(
    r"proposed edit has introduced|not found|No replacement|Multiple occurrences|Error|Usage:|Invalid|"
    r"No file open|did not appear verbatim|already exists",
)


def gather(
    files: Iterable[Source], buffer: OperationBuffer, progress: Callable[[int], None] | None = None
) -> None:
    """Read trajectories into a buffer."""
    for source, held in documents(files, buffer.summary, progress):
        steps = held.get("trajectory") if isinstance(held, dict) else None
        if not isinstance(steps, list):
            buffer.summary.troubles["documents without a trajectory"] += 1
            continue
        info = held.get("info")
        buffer.release = str(info.get("swe_agent_version") or "") if isinstance(info, dict) else ""
        without_clock(buffer)
        time, folder, opened = 0.0, "", ""
        for number, step in enumerate(steps):
            action = step.get("action") if isinstance(step, dict) else None
            if not isinstance(action, str):
                buffer.summary.troubles["steps of another shape"] += 1
                continue
            took, state = step.get("execution_time"), json_object(step.get("state"))
            state = state if isinstance(state, dict) else {}
            time = _step(
                action.strip(), str(step.get("observation") or ""), took, source.name, number, time,
                (folder, opened, str(state.get("open_file") or "")), buffer,
            )  # fmt: skip
            folder, opened = str(state.get("working_dir") or folder), str(state.get("open_file") or opened)


def _step(
    action: str,
    seen: str,
    took: object,
    session: str,
    number: int,
    time: float,
    places: tuple[str, str, str],
    buffer: OperationBuffer,
) -> float:
    """Record one step; return when it ended."""
    folder, before, after = places
    tool = action.split(maxsplit=1)[0] if action else ""
    if not tool:
        return time
    seen = seen.replace("\r\n", "\n")
    kept: dict[str, Any] = {"tool": tool, "asked": asked_hash(tool, action), "folder": folder}
    kept["input"] = {"action": action, "open": before if tool in ("edit", "insert") else after}
    failed = _FAILED.search(seen[:400]) is not None
    if tool not in (*WINDOW, *_OTHERS, EDITOR, "edit", "insert", "create"):
        failed = seen.startswith((f"{tool}: ", "bash: ", "/bin/"))
        kept |= {"tool": "bash", **shell_call(action)}
    id = f"{number:06}"
    buffer.call(session, "", id, time, kept)
    end = time + (float(took) if isinstance(took, int | float) and 0 <= took < 1e7 else 0.0)
    cut = len(seen) > 200_000 or "<response clipped>" in seen or "Observation" in seen[:12]
    buffer.answer(session, id, end, {"failed": failed, "text": seen[:200_000], "cut": cut})
    return end


def rows(buffer: OperationBuffer, names: Names, mapping: Mapping) -> Iterator[Operation]:
    """Return the operations of the calls in a buffer filled by `gather`."""
    return contained(rows_told(buffer, names, mapping, lambda call: Told([_touch(call)])))


def _touch(call: MadeCall) -> Touch:
    kept, answer = call.asked, call.answer or {}
    tool, folder, action = kept["tool"], kept["folder"], str(kept["input"].get("action"))
    text = str(answer.get("text") or "")
    if tool == EDITOR:
        given = _options(action)
        path = path_of(given.get("path"), folder)
        return Touch("opaque") if path is None else editor_touch(path, given, text)
    path = path_of(kept["input"].get("open"), folder)
    if path is None or tool in _OTHERS:
        return Touch("opaque")
    if tool in WINDOW:
        return _window(path, text)
    if tool == "create":
        return Touch("write", path, before_known=True, after="", after_known=True)
    words = _words(action)
    if tool == "edit" and len(words) >= 3 and not re.fullmatch(r"\d+:\d+", words[1]):
        return Touch("write", path, replaced=(Replacement(words[1], words[2], "replace-all" in words[3:]),))
    return Touch("write", path, replaced=(Replacement("", ""),))


def _window(path: str, text: str) -> Touch:
    header = _HEADER.search(text)
    matched = [m for m in map(_SHOWN.fullmatch, text.split("\n")) if m is not None]
    numbers = [int(m[1]) for m in matched]
    if header is None or not numbers or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return Touch("read", path)
    total = int(header[2])
    whole = numbers[0] == 1 and len(numbers) == total
    return Touch("read", path, "\n".join(m[2] for m in matched), start=numbers[0], whole=whole, total=total)


def _words(action: str) -> list[str]:
    try:
        return shlex.split(action)
    except ValueError:
        return []


def _options(action: str) -> dict[str, Any]:
    """Return the arguments of the editor's command line."""
    words = _words(action)[1:]
    given: dict[str, Any] = dict(zip(("command", "path"), words, strict=False))
    for place, word in enumerate(words[2:-1], 2):
        if word.startswith("--"):
            given[word[2:]] = words[place + 1]
    return given


def _fits(head: Head) -> bool:
    return PurePath(head.name).suffix == ".traj" and re.match(rb"\s*\{", head.data) is not None


FORMAT = Format("swe-agent", "SWE-agent trajectories", "fix.traj", (".traj",), gather, rows, _fits)
