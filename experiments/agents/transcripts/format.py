"""What defines a format of transcripts: how its files are recognized, and how they are read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from plandrift.experiments.agents.transcripts.digest import Names
from plandrift.experiments.agents.transcripts.lines import Source
from plandrift.experiments.agents.transcripts.mapping import Mapping
from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.agents.transcripts.operation_buffer import OperationBuffer

Gather = Callable[[Sequence[Source], OperationBuffer, Callable[[int], None] | None], None]
Rows = Callable[[OperationBuffer, Names, Mapping], Iterator[Operation]]

HEAD = 256 * 1024
"""How many bytes at the beginning of a file are examined to recognize its format."""
LOOKED_AT = 30
"""The most lines of a file that are examined to recognize its format."""


@dataclass(frozen=True)
class Head:
    """What is examined to recognize a file's format.

    Attributes:
        name: the file's name.
        data: its first `HEAD` bytes.
    """

    name: str
    data: bytes

    def objects(self) -> Iterator[dict[str, Any]]:
        """Yield the JSON objects that are on lines of their own.

        >>> [*Head("a.jsonl", b'{"a": 1}\\n7\\nnot json\\n{"b": 2}\\n{"cut').objects()]
        [{'a': 1}, {'b': 2}]
        """
        for line in self.data.split(b"\n", LOOKED_AT)[:LOOKED_AT]:
            try:
                held = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(held, dict):
                yield held


@dataclass(frozen=True)
class Format:
    """How one agent's transcripts are read.

    Attributes:
        name: its name on the command line.
        files: what people call its files, such as `Codex rollout files`.
        example: the name of a file, for the example in the command's help.
        endings: endings of the names of its files.
        gather: reads files into an operation buffer.
        rows: makes operations from the buffer's contents.
        fits: says whether a file is in this format.
    """

    name: str
    files: str
    example: str
    endings: tuple[str, ...]
    gather: Gather
    rows: Rows
    fits: Callable[[Head], bool]
