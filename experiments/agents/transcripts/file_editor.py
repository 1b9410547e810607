"""The file editor of SWE-agent and OpenHands: `view`, `create`, `str_replace`, `insert` and `undo_edit`."""

from __future__ import annotations

import re
from typing import Any

from plandrift.experiments.agents.transcripts.knowledge import Replacement, Touch

_NUMBERED = re.compile(r" *(\d+)\t(.*)")
_CLIPPED = ("<response clipped>", "<NOTE>")


def editor_touch(
    path: str,
    given: dict[str, Any],
    text: str,
    before: object = None,
    after: object = None,
    new: bool = False,
) -> Touch:
    """Return what a command of the editor did to a file.

    Args:
        path: the file.
        given: the command with its arguments.
        text: what the editor answered.
        before: the content before a write, if the transcript has it.
        after: the content after it, if the transcript has it.
        new: whether the transcript says that there was no such file.
    """
    command = given.get("command")
    if command == "view":
        return _viewed(path, given, text)
    content = given.get("file_text") if command == "create" else after
    old, put = given.get("old_str"), given.get("new_str")
    exact = command == "str_replace" and isinstance(old, str)
    put = put if isinstance(put, str) else ""
    replaced = Replacement(str(old), put) if exact else Replacement("", "")
    return Touch(
        "write",
        path,
        before=before if isinstance(before, str) and not new else None,
        before_known=isinstance(before, str) or new,
        replaced=() if command == "create" else (replaced,),
        after=content if isinstance(content, str) else None,
        after_known=isinstance(content, str),
    )


def _viewed(path: str, given: dict[str, Any], text: str) -> Touch:
    matched = [m for m in map(_NUMBERED.match, text.split("\n")) if m is not None]
    numbers = [int(m[1]) for m in matched]
    if not numbers:
        # A folder, or an empty file: the editor shows both without numbers.
        return Touch("opaque")
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return Touch("read", path)
    whole = numbers[0] == 1 and not given.get("view_range") and not any(mark in text for mark in _CLIPPED)
    return Touch("read", path, "\n".join(m[2] for m in matched), start=numbers[0], whole=whole)
