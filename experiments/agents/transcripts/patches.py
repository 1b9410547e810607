"""Patches as agents write them: the text of `apply_patch`, and the resulting unified diff."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plandrift.experiments.agents.transcripts.knowledge import Hunk, Replacement

_FILE = re.compile(r"^\*\*\* (Add|Update|Delete) File: (.+?)\s*$")
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@")


@dataclass(frozen=True)
class FilePatch:
    """What a patch does to one file.

    Attributes:
        action: ``Add``, ``Update`` or ``Delete``.
        path: the path as written.
        content: the content of an added file.
        replaced: old and new texts, both including context lines.
    """

    action: str
    path: str
    content: str | None
    replaced: tuple[Replacement, ...]


def file_patches(text: str) -> list[FilePatch]:
    """Return the parts of an `apply_patch` text, wherever it begins; none if it is not a patch.

    >>> text = "*** Begin Patch\\n*** Update File: a.py\\n@@\\n x = 1\\n-y = 2\\n+y = 3\\n*** End Patch"
    >>> patch, = file_patches(text)
    >>> patch.path, patch.replaced[0].old, patch.replaced[0].new
    ('a.py', 'x = 1\\ny = 2', 'x = 1\\ny = 3')
    """
    made: list[FilePatch] = []
    start = text.find("*** Begin Patch")
    if start < 0:
        return made
    action, path, lines = "", "", list[str]()

    def close() -> None:
        if action:
            content = "\n".join(line[1:] for line in lines if line[:1] == "+") if action == "Add" else None
            replaced = tuple(hunks(lines)) if action == "Update" else ()
            made.append(FilePatch(action, path, content, replaced))

    for line in text[start:].split("\n")[1:]:
        found = _FILE.match(line)
        if found is not None or line.startswith("*** End Patch"):
            close()
            action, path, lines = (found[1], found[2], []) if found is not None else ("", "", [])
            if found is None:
                break
        elif not line.startswith("*** "):
            lines.append(line)
    return made


def hunks(lines: list[str]) -> list[Replacement]:
    """Return the replacements in a diff, one per hunk."""
    made: list[Replacement] = []
    old: list[str] = []
    new: list[str] = []
    for line in [*lines, "@@"]:
        mark, text = line[:1], line[1:]
        if line.startswith("@@") or line.startswith(("--- ", "+++ ")):
            if old or new:
                made.append(Replacement("\n".join(old), "\n".join(new)))
            old, new = [], []
        elif mark in ("-", " ") or not line:
            old.append(text)
            if mark != "-":
                new.append(text)
        elif mark == "+":
            new.append(text)
    return [r for r in made if r.old != r.new]


def old_lines(text: str) -> tuple[Hunk, ...]:
    """Return the lines of the old content that a unified diff shows.

    >>> old_lines("@@ -4,2 +4,2 @@\\n x = 1\\n-y = 2\\n+y = 3\\n")
    (Hunk(start=4, lines=('x = 1', 'y = 2')),)
    """
    made: list[Hunk] = []
    for line in text.removesuffix("\n").split("\n"):
        begins = _HUNK.match(line)
        if begins is not None:
            made.append(Hunk(int(begins[1]), ()))
        elif made and (line[:1] in (" ", "-") or not line):
            made[-1] = Hunk(made[-1].start, (*made[-1].lines, line[1:]))
    return tuple(made)


def difference(text: str) -> tuple[list[Replacement], str]:
    """Return the replacements in a unified diff, and the lines that it touches."""
    lines = text.split("\n")
    spans = [m for m in map(_HUNK.match, lines) if m is not None]
    if lines and lines[-1] == "":
        lines.pop()
    if not spans:
        return hunks(lines), ""
    first, last = spans[0], spans[-1]
    end = int(last[1]) + int(last[2] or 1) - 1
    return hunks(lines), f"{first[1]}-{max(end, int(first[1]))}"
