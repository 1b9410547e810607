"""Find transcripts of any agent in folders, recognized by their contents."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plandrift.experiments.agents.transcripts.entire import checkpoints
from plandrift.experiments.agents.transcripts.lines import Source, source_of
from plandrift.experiments.agents.transcripts.registry import FORMATS, format_of
from plandrift.sim import PlandriftError

NEEDS_MAPPING = "otel"
"""The format that cannot be read without a mapping of its tools."""
UNREADABLE = {
    "state.vscdb": "Cursor",
    "api_conversation_history.json": "Cline or a fork of it",
    ".aider.llm.history": "Aider's log of the model",
}
"""Names of files with transcripts that no format reads, and the agents that write them."""
PRUNED = frozenset(
    {".git", "node_modules", "__pycache__", ".venv", "site-packages", ".cache", "tool-results"}
)
"""Folders that are not searched for transcripts."""


@dataclass
class FoundTranscripts:
    """What a search found.

    Attributes:
        files: the transcripts by format.
        skipped: how many files could not be used, by what they are.
        looked_at: how many files were named as a transcript might be.
    """

    files: dict[str, list[Source]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    looked_at: int = 0


def find(folders: Sequence[Path]) -> FoundTranscripts:
    """Search folders for transcripts, and the branch of Entire if a folder is a repository.

    Links are not followed, so that the search cannot leave the tree or go round in circles.

    Raises:
        PlandriftError: a folder does not exist, or there is no transcript in any.
    """
    found, seen = FoundTranscripts(), set[Path]()
    endings = tuple({ending for form in FORMATS.values() for ending in form.endings})
    for folder in folders:
        if (folder / ".git").exists():
            _branch(folder, found)
        if not folder.exists():
            raise PlandriftError(f"{folder}: no such file or folder: give folders that hold transcripts")
        for path in _files(folder):
            if path.name in UNREADABLE:
                found.skipped[f"transcripts of {UNREADABLE[path.name]}, which no format reads"] += 1
            elif path.name.endswith(endings) and path.resolve() not in seen:
                seen.add(path.resolve())
                found.looked_at += 1
                _sort(path, found)
    if not found.files:
        places = ", ".join(map(str, folders))
        raise PlandriftError(
            f"{places}: none of {found.looked_at} files is a transcript of {', '.join(FORMATS)}: give other "
            "folders"
        )
    return found


def _branch(folder: Path, found: FoundTranscripts) -> None:
    try:
        held = checkpoints(folder)
    except PlandriftError:
        return
    for name, files in held.files.items():
        found.files.setdefault(name, []).extend(files)
    found.skipped.update(held.skipped())


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_file():
        yield folder
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in PRUNED)
        for name in sorted(names):
            path = Path(at) / name
            if path.is_file() and not path.is_symlink():
                yield path


def _sort(path: Path, found: FoundTranscripts) -> None:
    try:
        source = source_of(path)
        form = format_of(source)
    except OSError:
        found.skipped["files that could not be opened"] += 1
        return
    if form == NEEDS_MAPPING:
        found.skipped["files of OpenTelemetry spans, which import otel reads with a mapping"] += 1
    elif form is not None:
        found.files.setdefault(form, []).append(source)
