"""Hashes of contents and pseudonyms of names: a file of operations may contain nothing else of them."""

from __future__ import annotations

import hashlib
import json
import posixpath
import secrets

from plandrift.experiments.agents.transcripts.operation import ABSENT


def content_hash(text: str | None) -> str:
    """Return the hash of a whole content; `ABSENT` for None.

    Tools show line ends and the end of a file in different ways, so contents are hashed without carriage
    returns and without line ends after the last line.

    >>> content_hash("a\\r\\nb\\n") == content_hash("a\\nb"), content_hash(None)
    (True, 'absent')
    """
    return ABSENT if text is None else _digest(plain_text(text))


def plain_text(text: str) -> str:
    """Return a content in the form used for comparison: line feeds only, and none after the last line."""
    return line_feeds(text).rstrip("\n")


def line_feeds(text: str) -> str:
    """Return a content with line feeds only, and without a byte order mark."""
    text = text.removeprefix("\ufeff")
    # Looking for one character is much faster than looking for two.
    return text.replace("\r\n", "\n") if "\r" in text else text


def asked_hash(tool: str, arguments: object) -> str:
    """Return the hash of a call with its tool and arguments."""
    return _digest(tool + "\0" + json.dumps(arguments, sort_keys=True, ensure_ascii=True, default=str))


def short_id(name: str) -> bytes:
    """Return a short in-memory key for the id of an event that was seen."""
    return hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).digest()


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()


def path_of(path: object, folder: str = "") -> str | None:
    """Return a path as a fluent's name: absolute if the folder is known, without `..` or control characters.

    Return None if it is not a path.

    >>> path_of("src/../a.py", "/home/me"), path_of(7), path_of("")
    ('/home/me/a.py', None, None)
    """
    if not isinstance(path, str) or not path.strip():
        return None
    slashed = path.replace("\\", "/") if path[1:3] == ":\\" else path
    whole = posixpath.normpath(posixpath.join(folder, slashed))
    whole = whole[:4096]
    return (
        whole if whole.isprintable() else "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in whole)
    )


class Names:
    """Names as they are, or irreversible pseudonyms.

    A pseudonym is a hash keyed with a secret that is made for one import and then thrown away, so nobody
    can test guessed names against it. A name keeps the same pseudonym throughout an import.

    >>> Names(hidden=False)("src/a.py", "file"), Names(hidden=True)("src/a.py", "file")[:5]
    ('src/a.py', 'file-')
    """

    def __init__(self, hidden: bool, key: bytes | None = None) -> None:
        self.hidden = hidden
        self._key = key if key is not None else secrets.token_bytes(32)

    def __call__(self, name: str, kind: str) -> str:
        """Return what to write for a name of a kind; an empty name stays empty."""
        if not self.hidden or not name:
            return name
        made = hashlib.blake2b(name.encode("utf-8", "replace"), key=self._key, digest_size=5).hexdigest()
        return f"{kind}-{made}"
