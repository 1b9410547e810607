"""Aider's chat history: the files sent to the model, and the edit blocks that it answered with.

The only time is that at which a chat began. All files in the chat are sent again with every message, so each
prompt counts as a read of all of them, with unknown content.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath
from typing import Any

from plandrift.experiments.agents.transcripts.clockless import without_clock
from plandrift.experiments.agents.transcripts.digest import Names, asked_hash, path_of
from plandrift.experiments.agents.transcripts.format import Format, Head
from plandrift.experiments.agents.transcripts.knowledge import Replacement, Touch
from plandrift.experiments.agents.transcripts.lines import Source, seconds, texts
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.agents.transcripts.operation_buffer import MadeCall, OperationBuffer
from plandrift.experiments.agents.transcripts.told import Told, rows_told

HISTORY = ".aider.chat.history.md"
_BEGUN = re.compile(r"# aider chat started at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\s*")
_NOTE = re.compile(
    r"> (?:Aider v(?P<release>\S+)|Added (?P<added>.+?) to the chat\b.*|"
    r"Removed (?P<removed>.+?) from the chat\b.*|Applied edit to (?P<edited>.+?)|"
    r".*This SEARCH block failed to exactly match lines in (?P<missed>.+?))\s*"
)
_SEARCH, _MIDDLE, _REPLACE = (
    re.compile(r"<{5,9} SEARCH\s*"),
    re.compile(r"={5,9}\s*"),
    re.compile(r">{5,9} REPLACE\s*"),
)


def gather(
    files: Iterable[Source], buffer: OperationBuffer, progress: Callable[[int], None] | None = None
) -> None:
    """Read chat histories into a buffer."""
    for source, held in texts(files, buffer.summary, progress):
        folder = str(PurePath(source.name).parent)
        chat: _Chat | None = None
        for line in held.decode("utf-8", "replace").splitlines():
            begun = _BEGUN.fullmatch(line)
            if begun is not None:
                without_clock(buffer)
                chat = _Chat(f"{source.name} {begun[1]}", seconds(begun[1]) or 0.0, folder, buffer)
            elif chat is not None:
                chat.line(line)
            elif line.strip():
                buffer.summary.troubles["lines before the first chat"] += 1


class _Chat:
    """One chat while it is read."""

    def __init__(self, session: str, time: float, folder: str, buffer: OperationBuffer) -> None:
        self._session, self._time, self._folder, self._buffer = session, time, folder, buffer
        self._sent: dict[str, None] = {}
        self._blocks: dict[str, list[tuple[str, str]]] = {}
        self._before, self._part = "", ""
        self._old: list[str] = []
        self._new: list[str] = []
        self._made, self._asking = 0, False

    def line(self, line: str) -> None:
        """Read one line."""
        if self._part:
            self._in_block(line)
        elif _SEARCH.fullmatch(line):
            self._part, self._old, self._new = "old", [], []
        elif line.startswith("#### "):
            if not self._asking:
                self._prompt()
            self._asking = True
        else:
            self._asking = False
            found = _NOTE.fullmatch(line)
            if found is not None:
                self._noted(found)
            elif line.strip() and not line.startswith("```"):
                self._before = line.strip().strip("`*:")

    def _in_block(self, line: str) -> None:
        if self._part == "old" and _MIDDLE.fullmatch(line):
            self._part = "new"
        elif self._part == "new" and _REPLACE.fullmatch(line):
            texts = "".join(f"{x}\n" for x in self._old), "".join(f"{x}\n" for x in self._new)
            self._blocks.setdefault(self._before, []).append(texts)
            self._part = ""
        else:
            (self._old if self._part == "old" else self._new).append(line)

    def _prompt(self) -> None:
        self._buffer.prompt(self._session, self._time)
        self._blocks = {}
        for path in self._sent:
            self._call("sent", path, {}, failed=False)

    def _noted(self, found: re.Match[str]) -> None:
        if found["release"]:
            self._buffer.release = found["release"]
        elif found["added"]:
            self._sent[found["added"]] = None
        elif found["removed"]:
            self._sent.pop(found["removed"], None)
        elif found["edited"]:
            self._call(
                "edit", found["edited"], {"blocks": self._blocks.pop(found["edited"], [])}, failed=False
            )
        elif blocks := self._blocks.get(found["missed"]):
            # The answer does not say which block it means, unless there is only one.
            self._call("edit", found["missed"], {"blocks": blocks if len(blocks) == 1 else []}, failed=True)

    def _call(self, tool: str, path: str, given: dict[str, Any], failed: bool) -> None:
        self._made += 1
        id = f"{self._made:06}"
        asked = asked_hash(tool, given | {"path": path})
        kept = {"tool": tool, "asked": asked, "folder": self._folder, "input": given | {"path": path}}
        self._buffer.call(self._session, "", id, self._time, kept)
        text = "String to replace not found in file" if failed else ""
        self._buffer.answer(self._session, id, self._time, {"failed": failed, "text": text})


def rows(buffer: OperationBuffer, names: Names, mapping: Mapping) -> Iterator[Operation]:
    """Return the operations of the calls in a buffer filled by `gather`."""
    return rows_told(buffer, names, mapping, lambda call: Told([_touch(call)]))


def _touch(call: MadeCall) -> Touch:
    given = call.asked["input"]
    path = path_of(given["path"], call.asked["folder"]) or ""
    if call.asked["tool"] == "sent":
        return Touch("read", path)
    blocks = [Replacement(old, new) for old, new in given["blocks"]]
    if len(blocks) == 1 and not blocks[0].old.strip():
        return Touch("write", path, after=blocks[0].new, after_known=True)
    return Touch("write", path, replaced=tuple(blocks) or (Replacement("", ""),))


def _fits(head: Head) -> bool:
    return head.name.endswith(HISTORY)


FORMAT = Format("aider", "Aider's chat histories", HISTORY, (HISTORY,), gather, rows, _fits)
