"""Paths in SQL."""

from __future__ import annotations

import re
from pathlib import Path


def quoted(path: Path) -> str:
    """A path as SQL writes it, for a file that is to be written."""
    return "'" + str(path).replace("'", "''") + "'"


def one_file(path: Path) -> str:
    """A path as SQL writes it, for a file that is to be read.

    DuckDB takes what it reads from as a pattern, so the letters that mean something in one stand for
    themselves only in brackets.

    >>> one_file(Path("runs[1]/part.csv"))
    "'runs[[]1]/part.csv'"
    """
    return quoted(Path(re.sub(r"[*?[]", r"[\g<0>]", str(path))))
