"""CSV files whose cells no spreadsheet takes for formulas.

A text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return gets an apostrophe in front,
which marks it as text for a spreadsheet; a number stays a number. A text that already has apostrophes before
such a character gets one more, and reading removes one, so a change log is read back unchanged.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

_FORMULA = r"^'*[=+\-@\t\r]"
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"


def safe_cell(value: Any) -> Any:
    """Return a value as it can safely be written to a CSV file.

    >>> safe_cell("=cmd()"), safe_cell("-0.5"), safe_cell(-0.5), safe_cell("gated")
    ("'=cmd()", '-0.5', -0.5, 'gated')
    """
    formula = isinstance(value, str) and re.match(_FORMULA, value) and not re.match(_NUMBER, value)
    return f"'{value}" if formula else value


def safe_rows(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """Return a query that gives the rows of another, with each text made safe as by `safe_cell`."""
    columns = [
        '"' + name.replace('"', '""') + '"'
        for name, kind, *_ in connection.execute(f"describe {query}").fetchall()
        if kind == "VARCHAR"
    ]
    if not columns:
        return query
    safe = ", ".join(
        f"case when regexp_matches({one}, e'{_sql(_FORMULA)}') and not regexp_matches({one}, "
        f"e'{_sql(_NUMBER)}') then '''' || {one} else {one} end as {one}"
        for one in columns
    )
    return f"select * replace ({safe}) from ({query})"


def read_back(column: str) -> str:
    """Return a SQL expression that undoes `safe_cell` for a column of a CSV file."""
    return f"regexp_replace({column}, e'^''({_sql(_FORMULA[1:])})', '\\1')"


def _sql(pattern: str) -> str:
    return pattern.replace("\\", "\\\\").replace("'", "''")
