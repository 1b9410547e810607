"""Hashes of contents, and pseudonyms of names: what a file of operations may hold."""

from __future__ import annotations

import hashlib
import json
import posixpath
import secrets

from plandrift.experiments.agents.transcripts.operation import ABSENT


def content_hash(text: str | None) -> str:
    """The hash of a whole content; `ABSENT` for None.

    Tools differ in how they show line ends and the end of a file, so a content is hashed without carriage
    returns and without line ends after its last line.

    >>> content_hash("a\\r\\nb\\n") == content_hash("a\\nb"), content_hash(None)
    (True, 'absent')
    """
    return ABSENT if text is None else _digest(plain_text(text))


def plain_text(text: str) -> str:
    """A content as it is compared: line feeds alone, and none after its last line."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").rstrip("\n")


def asked_hash(tool: str, arguments: object) -> str:
    """The hash of a call with all that it was asked to do."""
    return _digest(tool + "\0" + json.dumps(arguments, sort_keys=True, ensure_ascii=True, default=str))


def short_id(name: str) -> bytes:
    """A short key in memory for the id of an event that was seen."""
    return hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).digest()


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()


def path_of(path: object, folder: str = "") -> str | None:
    """A path as the name of a fluent: absolute where the folder is known, with no `..` and no control
    characters.

    None where it is not a path.

    >>> path_of("src/../a.py", "/home/me"), path_of(7), path_of("")
    ('/home/me/a.py', None, None)
    """
    if not isinstance(path, str) or not path.strip():
        return None
    slashed = path.replace("\\", "/") if path[1:3] == ":\\" else path
    whole = posixpath.normpath(posixpath.join(folder, slashed))
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in whole[:4096])


class Names:
    """Names as they are, or pseudonyms that nobody can undo.

    A pseudonym is a hash keyed with a secret that is made for one import and thrown away with it: nobody
    can try names against it. One name has one pseudonym within the import.

    >>> Names(hidden=False)("src/a.py", "file"), Names(hidden=True)("src/a.py", "file")[:5]
    ('src/a.py', 'file-')
    """

    def __init__(self, hidden: bool, key: bytes | None = None) -> None:
        self.hidden = hidden
        self._key = key if key is not None else secrets.token_bytes(32)

    def __call__(self, name: str, kind: str) -> str:
        """What to write for a name of a kind; an empty name stays empty."""
        if not self.hidden or not name:
            return name
        made = hashlib.blake2b(name.encode("utf-8", "replace"), key=self._key, digest_size=5).hexdigest()
        return f"{kind}-{made}"
