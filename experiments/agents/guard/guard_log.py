"""The guard's log on disk: appended line by line, and continued in a new file when one is full."""

from __future__ import annotations

import os
from pathlib import Path

from plandrift.experiments.agents.transcripts.guard_lines import parts

LARGEST = 8 * 2**20
"""The size in bytes at which a file of the log is full."""
KEPT = 9
"""How many full files are kept; older ones are removed."""


class GuardLog:
    """The log of one guard; the folder is made when the first line is written.

    A line that cannot be written (a full disk, a read-only home) is lost and counted: the guard goes on.

    Attributes:
        path: the file that lines are added to.
        lost: how many lines could not be written.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.lost = path, 0

    def add(self, text: str) -> None:
        """Write whole lines."""
        held = text.encode("utf-8", "replace")
        try:
            self._room()
            # Opened for every call, so that a log that was moved away is begun again.
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o600)
            try:
                # One write, so that lines from several processes do not get mixed up.
                if os.write(file, held) < len(held):
                    self.lost += 1
            finally:
                os.close(file)
        except OSError:
            self.lost += 1

    def _room(self) -> None:
        try:
            if self.path.stat().st_size < LARGEST:
                return
        except FileNotFoundError:
            self._make_folder()
            return
        for part in parts(self.path):
            number = int(part.suffix[1:]) + 1 if part != self.path else 1
            if number > KEPT:
                part.unlink()
            else:
                part.rename(self.path.with_name(f"{self.path.name}.{number}"))

    def _make_folder(self) -> None:
        folder = self.path.parent
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True)
            # Names of files are private, and the log must not be committed to a repository.
            (folder / ".gitignore").write_text("*\n", encoding="utf-8")
