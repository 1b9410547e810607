"""The events of XES (IEEE 1849), plain or gzipped, one in memory at a time.

Libraries for process mining read whole logs into tables, and have many dependencies.
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
"""The XES names of the columns."""
MOST = 16 << 20
"""The most bytes that an event or trace may have: a gzipped file of a few kilobytes may hold gigabytes."""
GZIP = b"\x1f\x8b"


def xes_events(source: Path, keys: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Yield, for each event, its place, its values for `keys`, and all its attributes.

    Args:
        source: a .xes or .xes.gz file.
        keys: the log's own names for what `KEYS` names.

    Raises:
        PlandriftError: it is not an XES file, or something in it is implausibly large.
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
            raise PlandriftError(f"{source}: it is gzipped, and damaged: {error}: fetch it again") from None


def _opened(source: Path) -> IO[bytes] | gzip.GzipFile:
    if source.suffix != ".gz":
        return source.open("rb")
    with source.open("rb") as file:
        if file.read(len(GZIP)) != GZIP:
            raise PlandriftError(f"{source}: it is not gzipped: name it {source.with_suffix('').name}")
    return gzip.open(source)


class _Bounded:
    """A file that may be read only so far without an event.

    Attributes:
        since: bytes read since the last event ended.
    """

    def __init__(self, file: IO[bytes] | gzip.GzipFile, source: Path) -> None:
        self._file, self._source = file, source
        self.since = 0

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.since += len(block)
        if self.since > MOST:
            raise PlandriftError(
                f"{self._source}: {MOST >> 20} MB without a complete event: it is not an event log, or one "
                "of its attributes is too long: remove that"
            )
        return block
