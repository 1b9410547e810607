"""`plandrift data sql`: query a sweep's rows in SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from plandrift.experiments.cli.options import Folder, Format, WallClockLimit
from plandrift.experiments.cli.printing import check_format, print_rows
from plandrift.experiments.cli.query_limits import limited
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.wall_clock_limit import set_wall_clock_limit, wall_clock_limit_seconds
from plandrift.sim import PlandriftError, SettingError
from plandrift.sim.terms.errors import nearest
from plandrift.worlds.logs.sql import one_file, quoted

if TYPE_CHECKING:
    import duckdb

MOST = 1_000_000
"""The row limit; larger answers are for `plandrift data export`."""


def sql(
    folder: Folder,
    query: Annotated[str, typer.Argument(help="a query over the views episodes, conditions and steps")],
    form: Format = "text",
    patience: WallClockLimit = None,
) -> None:
    """Query the results in SQL: `episodes` has one row per episode.

    Settings are columns; quote those whose name has a dot.

    The query can read only the sweep's own rows: no other file, no writing, no network. It ends after
    --patience, or when it needs more than 2 GB of memory.

    Example, after `plandrift demo --seeds 10`:
      plandrift data sql results/demo "select policy, avg(misfires) from episodes group by 1"
    """
    check_format(form)
    set_wall_clock_limit(patience)
    results = Results(folder)
    with results.connect() as connection:
        with limited(connection, wall_clock_limit_seconds()):
            lock(connection, results)
            rows = _answer(connection, results, query)
        print_rows(rows, form)


def lock(connection: duckdb.DuckDBPyConnection, results: Results) -> None:
    """Restrict a connection to reading the sweep's parts from here on."""
    kinds = ("episodes", "steps") if results.manifest.steps else ("episodes",)
    parts = [write(path) for kind in kinds for path in results.parts(kind) for write in (quoted, one_file)]
    for name, value in (
        ("allowed_paths", f"[{', '.join(parts)}]"),
        ("TimeZone", "'UTC'"),
        ("python_enable_replacements", False),
        ("autoinstall_known_extensions", False),
        ("autoload_known_extensions", False),
        ("enable_external_access", False),
        ("lock_configuration", True),
    ):
        connection.execute(f"set {name} = {value}")


def _answer(connection: duckdb.DuckDBPyConnection, results: Results, query: str) -> list[dict[str, Any]]:
    import duckdb

    try:
        statements = connection.extract_statements(query)
        if len(statements) != 1 or statements[0].type not in (
            duckdb.StatementType.SELECT,
            duckdb.StatementType.EXPLAIN,
        ):
            raise SettingError(f"sql {query!r:.60}: give a single query: select … from episodes")
        headings, rows = _rows(connection, statements[0])
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except duckdb.Error as error:
        results.refuse_damage()
        raise PlandriftError(f"sql: {_with_fix(connection, results, error)}") from None
    if len(rows) > MOST:
        raise PlandriftError(f"sql: more than {MOST} rows: add a limit, or use `plandrift data export`")
    return [dict(zip(_once(headings), row, strict=True)) for row in rows]


def _rows(connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement) -> tuple[list[str], list[Any]]:
    """Return the headings and rows of an answer; times with a time zone are given as text."""
    import duckdb

    if statement.type == duckdb.StatementType.EXPLAIN:
        answer = connection.execute(statement)
        return [column[0] for column in answer.description or []], answer.fetchall()
    relation = connection.sql(statement.query)
    headings = relation.columns
    zoned = ["WITH TIME ZONE" in str(kind) for kind in relation.types]
    if any(zoned):
        relation = relation.project(
            ", ".join(
                f"cast(#{place} as varchar) as c{place}" if text else f"#{place} as c{place}"
                for place, text in enumerate(zoned, 1)
            )
        )
    return headings, relation.limit(MOST + 1).fetchall()


def _with_fix(connection: duckdb.DuckDBPyConnection, results: Results, error: duckdb.Error) -> str:
    """Return the first line of DuckDB's message, and how to fix the query if that is known."""
    said = str(error).strip().partition("\n")[0]
    dotted = [name for name in results.manifest.varies if "." in name]
    for name in dotted:
        if re.search(rf'table "{re.escape(name.partition(".")[0])}"|"{re.escape(name)}"', said):
            return f'{said}: quote names that contain a dot: "{name}"'
    if "does not exist" in said and said.startswith("Catalog Error: Table"):
        tables = [row[0] for row in connection.execute("show tables").fetchall()]
        return f"{said.partition('!')[0]}: there are {', '.join(tables)}"
    column = re.search(r'column "(\w+)" not found', said)
    if column is not None:
        known = ["condition", "world", "policy", "seed", *results.manifest.varies, *results.manifest.metrics]
        return f"{said.partition('!')[0]}: {nearest(column[1], known)}"
    if "disabled by configuration" in said or said.startswith("Permission Error"):
        return f"{said}: a query can read only the sweep's own rows, and no other file"
    return said


def _once(headings: list[str]) -> list[str]:
    """Make headings unique by adding a number to repeated ones."""
    seen: dict[str, int] = {}
    made = []
    for name in headings:
        seen[name] = seen.get(name, 0) + 1
        made.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return made
