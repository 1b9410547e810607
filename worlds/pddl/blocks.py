"""PDDL as nested blocks of words, each of which knows its file and line."""

from __future__ import annotations

import io
import re
from typing import Any

from plandrift.sim import SettingError

_TOKENS = re.compile(r"[()]|\??[^\s()?]+|\?")


class Word(str):
    """A word in lower case; `at` is its file and line, such as ``p.pddl:3``."""

    __slots__ = ("at",)


class Block(list[Any]):
    """What is between two brackets; `at` is the file and line of the opening bracket."""

    __slots__ = ("at",)


def block_of(text: str, file: str) -> Block:
    """Read a text that is one block; the rest of a line after a semicolon is a comment.

    Args:
        text: the text.
        file: the name of its file, for error messages.

    Raises:
        SettingError: its brackets are not balanced, or there is something outside of them.

    >>> first, (_, name) = block_of("(define ; (a comment)\\n (Domain x))", "d.pddl")
    >>> first, place(first), name, place(name)
    ('define', 'd.pddl:1', 'x', 'd.pddl:2')
    """
    opened, at = [Block()], file
    # Only a line end ends a comment: `str.splitlines` would also split at a form feed.
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        at = f"{file}:{number}"
        for token in _TOKENS.findall(line.partition(";")[0]):
            if len(opened) == 1 and (opened[0] or token != "("):
                raise SettingError(f"{at}: this {token} is outside of (define …): remove it")
            if token == ")":
                opened.pop()
                continue
            part: Any = Block() if token == "(" else Word(token.lower())
            part.at = at
            opened[-1].append(part)
            if token == "(":
                opened.append(part)
    if len(opened) > 1:
        raise SettingError(f"{place(opened[-1])}: this opening bracket is never closed: close it")
    if not opened[0]:
        raise SettingError(f"{at}: it is empty: give a file with (define …)")
    whole: Block = opened[0][0]
    return whole


def place(found: object) -> str | None:
    """Return the file and line of something that was read, or of its first part that has one."""
    at: str | None = getattr(found, "at", None)
    if at is None and isinstance(found, list | tuple):
        return next((at for part in found if (at := place(part))), None)
    return at or (place(found.name) if hasattr(found, "name") else None)
