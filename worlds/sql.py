"""Paths in SQL."""

from __future__ import annotations

from pathlib import Path


def quoted(path: Path) -> str:
    """A path as SQL writes it."""
    return "'" + str(path).replace("'", "''") + "'"
