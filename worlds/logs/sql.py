"""Quoting paths in SQL."""

from __future__ import annotations

import re
from pathlib import Path


def quoted(path: Path) -> str:
    """Quote a path for SQL, for a file that will be written."""
    return "'" + str(path).replace("'", "''") + "'"


def one_file(path: Path) -> str:
    """Quote a path for SQL, for a file that will be read.

    DuckDB treats the paths that it reads as patterns, so special characters must be put in brackets.

    >>> one_file(Path("runs[1]/part.csv"))
    "'runs[[]1]/part.csv'"
    """
    return quoted(Path(re.sub(r"[*?[]", r"[\g<0>]", str(path))))
