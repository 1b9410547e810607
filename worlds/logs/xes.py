"""The events of XES (IEEE 1849), plain or gzipped, one in memory at a time.

The libraries for process mining read whole logs into tables and bring a great deal along for that.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from plandrift.sim import PlandriftError

KEYS = {
    "case": "concept:name",
    "activity": "concept:name",
    "time": "time:timestamp",
    "who": "org:resource",
    "transition": "lifecycle:transition",
}
"""What XES calls them."""
MOST = 16 << 20
"""Bytes in which an event or a trace must end. A gzipped file of a few kilobytes may hold gigabytes."""
GZIP = b"\x1f\x8b"


def xes_events(source: Path, keys: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Where each event stands, what it says of the things in `keys`, and all that it says.

    Args:
        source: a .xes or .xes.gz file.
        keys: what the log calls the things that `KEYS` names.

    Raises:
        PlandriftError: it is not an XES file, or something in it is larger than a person would write.
    """
    case, trace, number = "", 0, 0
    with _opened(source) as file:
        path: list[str] = []
        read = _Bounded(file, source)
        try:
            for kind, node in ElementTree.iterparse(read, events=("start", "end")):
                tag = node.tag.rpartition("}")[2]
                if kind == "start":
                    path.append(tag)
                    if tag == "trace":
                        trace, case = trace + 1, ""
                    continue
                path.pop()
                if path and path[-1] == "trace" and node.get("key") == keys["case"]:
                    case = node.get("value", "")
                if tag == "event":
                    number += 1
                    held = {child.get("key", ""): child.get("value", "") for child in node}
                    said = {name: held.get(key, "") for name, key in keys.items() if name != "case"}
                    yield f"event {number}", {"case": case or f"trace-{trace}", **said}, held
                if tag in ("event", "trace"):
                    read.since = 0
                    node.clear()
        except ElementTree.ParseError as error:
            raise PlandriftError(f"{source}: it is not an XES file: {error}: give an event log") from None
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise PlandriftError(f"{source}: it is gzipped, and broken: {error}: fetch it again") from None


def _opened(source: Path) -> IO[bytes] | gzip.GzipFile:
    if source.suffix != ".gz":
        return source.open("rb")
    with source.open("rb") as file:
        if file.read(len(GZIP)) != GZIP:
            raise PlandriftError(f"{source}: it is not gzipped: name it {source.with_suffix('').name}")
    return gzip.open(source)


class _Bounded:
    """A file that may be read so far and no further without an event.

    Attributes:
        since: bytes read since the last one ended.
    """

    def __init__(self, file: IO[bytes] | gzip.GzipFile, source: Path) -> None:
        self._file, self._source = file, source
        self.since = 0

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.since += len(block)
        if self.since > MOST:
            raise PlandriftError(
                f"{self._source}: {MOST >> 20} MB of it hold no whole event: it is no log of a process, or "
                "an attribute of it is too long: give it without"
            )
        return block
