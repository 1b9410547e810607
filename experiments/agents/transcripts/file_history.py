"""The backups that Claude Code keeps on a user's own machine: what files held just before it edited them.

Transcripts name them; their contents are in `~/.claude/file-history/SESSION/NAME`. Transcripts of 2.1.166 and
later leave out the content before an edit of a large file, so only these backups have it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plandrift.experiments.agents.transcripts.digest import path_of
from plandrift.experiments.agents.transcripts.lines import LONGEST, seconds

Backup = tuple[float, str, str]
"""When it was made, the file's path, and the name of the backup."""


@dataclass
class FileHistory:
    """The backups named by transcripts, by session, and the folder that holds them.

    Attributes:
        folder: such as `~/.claude/file-history`.
        troubles: counts the backups that cannot be read.
    """

    folder: Path
    troubles: Counter[str] = field(default_factory=Counter)
    _named: defaultdict[str, set[Backup]] = field(default_factory=lambda: defaultdict(set))
    _due: dict[str, list[Backup]] = field(default_factory=dict)

    def name(self, event: dict[str, Any], session: str, folder: str) -> None:
        """Record the backups that a `file-history-snapshot` names."""
        snapshot = event.get("snapshot")
        tracked = snapshot.get("trackedFileBackups") if isinstance(snapshot, dict) else None
        for path, held in tracked.items() if isinstance(tracked, dict) else ():
            made = seconds(held.get("backupTime")) if isinstance(held, dict) else None
            name, whole = (
                held.get("backupFileName") if isinstance(held, dict) else None,
                path_of(path, folder),
            )
            # Only plain names are accepted: no transcript can lead out of the folder.
            if made is not None and whole is not None and isinstance(name, str) and Path(name).name == name:
                self._named[session].add((made, whole, name))

    def before(self, session: str, time: float) -> Iterator[tuple[str, str]]:
        """Yield path and content of the backups made up to a time and not yielded yet, in order."""
        if session not in self._due:
            self._due[session] = sorted(self._named.get(session, ()), reverse=True)
        due = self._due[session]
        while due and due[-1][0] <= time:
            _, path, name = due.pop()
            try:
                file = self.folder / Path(session).name / name
                large = file.stat().st_size > LONGEST
                text = None if large else file.read_text(encoding="utf-8", errors="replace")
            except OSError:
                text = None
            if text is None:
                self.troubles["backups that are missing from --history or too large"] += 1
            else:
                yield path, text
