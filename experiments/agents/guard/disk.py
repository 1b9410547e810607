"""What is on disk: how the guard itself looks at a file, just before a call and after it."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

from plandrift.experiments.agents.transcripts.knowledge import Touch

LARGEST = 8 * 2**20
"""The largest file that the guard reads, in bytes; larger ones are not judged."""
_SECRET = (".env", ".pem", ".key", ".p12", ".pfx", ".netrc", ".npmrc", ".pypirc", "credentials")
_SECRET_NAMES = ("id_rsa", "id_ed25519", "id_ecdsa", "secrets.")


def resolved(fluent: str) -> str:
    """Return the name of a file with its links resolved; other names stay as they are."""
    return os.path.realpath(fluent) if fluent.startswith("/") else fluent


def look(fluent: str) -> tuple[bool, str | None]:
    """Return whether a file's content could be looked at, and the content; None if there is no file.

    Folders, devices, large and unreadable files cannot be looked at.
    """
    if not fluent.startswith("/"):
        return False, None
    try:
        # Opening a pipe would wait for somebody to write into it.
        found = Path(fluent).stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
            return False, None
        with Path(fluent).open(encoding="utf-8", errors="replace", newline="") as file:
            return True, file.read()
    except FileNotFoundError:
        return True, None
    except OSError:
        return False, None


def looked(touch: Touch) -> Touch:
    """Return a write of a file with its current content, and with what it leaves if undisturbed."""
    known, before = look(touch.fluent)
    return meant(touch, known, before)


def meant(touch: Touch, known: bool, before: str | None) -> Touch:
    """Return a write with the content before it, and the content that it was meant to leave."""
    if not touch.replaced:
        return replace(touch, before=before, before_known=known)
    after = before
    if before is None and not touch.replaced[0].old:
        # Replacing an empty text where there is no file creates one.
        return replace(touch, before=before, before_known=known)
    for replacement in touch.replaced:
        exact = after is not None and replacement.old
        after = replacement.done_to(after) if exact and after is not None else None
    made = known and after is not None
    return replace(touch, before=before, before_known=known, after=after if made else None, after_known=made)


def secret(fluent: str) -> bool:
    """Say whether a file's name suggests that its content must not be repeated anywhere.

    >>> secret("/w/.env.local"), secret("/w/environment.py")
    (True, False)
    """
    name = os.path.basename(fluent).lower()  # noqa: PTH119 (a fluent need not be a path)
    return name.startswith((".env", *_SECRET_NAMES)) or name.endswith(_SECRET)
