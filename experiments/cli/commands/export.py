"""`plandrift data export`: one file with a row per episode."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.cli.options import Folder
from plandrift.experiments.sweeps.results import Results
from plandrift.sim import PlandriftError
from plandrift.sim.terms.whole_file import whole_file
from plandrift.worlds.logs.safe_csv import safe_rows
from plandrift.worlds.logs.sql import quoted


def export(
    folder: Folder,
    to: Annotated[Path, typer.Option(help="file to write: rows.csv or rows.parquet")],
) -> None:
    """Write every episode's row to one file.

    Example, after `plandrift demo --seeds 10`:
      plandrift data export results/demo --to rows.csv
    """
    import duckdb

    kinds = {".csv": "format csv, header", ".parquet": "format parquet"}
    if to.suffix not in kinds:
        raise PlandriftError(f"--to {to}: end its name in .csv or .parquet")
    if not to.parent.is_dir():
        raise PlandriftError(f"--to {to}: there is no folder {to.parent}: make it first")
    try:
        with whole_file(to) as beside, Results(folder).connect() as connection:
            rows = "select * from episodes order by condition, seed"
            if to.suffix == ".csv":
                rows = safe_rows(connection, rows)
            connection.execute(f"copy ({rows}) to {quoted(beside)} ({kinds[to.suffix]})")
            count = connection.execute("select count(*) from episodes").fetchone()
    except (duckdb.Error, OSError) as error:
        raise PlandriftError(f"--to {to}: {str(error).partition(chr(10))[0]}") from None
    assert count is not None
    print(f"wrote {count[0]} episodes, one row each, to {to}")
