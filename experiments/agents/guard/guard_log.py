"""The guard's log on disk: appended line by line, and continued in a new file when one is full."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from plandrift.experiments.agents.guard.hook_client import append, log_place
from plandrift.experiments.agents.transcripts.guard_lines import parts

LARGEST = 8 * 2**20
"""The size in bytes at which a file of the log is full."""
KEPT = 9
"""How many full files are kept; older ones are removed."""


class GuardLog:
    """The log of one guard; the folder is made when the first line is written.

    A line that cannot be written (a full disk, a read-only home) is lost: the guard goes on.

    Attributes:
        path: the file that lines are added to.
    """

    def __init__(self, path: Path, config: Path) -> None:
        """Log to a path below the folder of a `guard.toml`; elsewhere nothing is written."""
        self.path, self._config = path, config

    def add(self, text: str) -> None:
        """Write whole lines."""
        # For every call, so that a log that was moved away is begun again.
        with suppress(OSError):
            log_place(str(self._config), str(self.path))
            self._room()
            append(str(self.path), text.encode("utf-8", "replace"))

    def _room(self) -> None:
        try:
            if self.path.stat().st_size < LARGEST:
                return
        except FileNotFoundError:
            return
        for part in parts(self.path):
            number = int(part.suffix[1:]) + 1 if part != self.path else 1
            if number > KEPT:
                part.unlink()
            else:
                part.rename(self.path.with_name(f"{self.path.name}.{number}"))
