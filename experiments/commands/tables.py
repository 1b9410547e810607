"""`plandrift table`, `compare`, `sql` and `export`: what a sweep found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import duckdb
import typer

from experiments.commands.sweep import Folder
from experiments.printing import check_format, print_rows
from experiments.results import Results, quoted
from experiments.tables import compare, table
from sim import PlandriftError

Format = Annotated[str, typer.Option("--format", help="text, csv, json or markdown")]
By = Annotated[str, typer.Option(help="what to group by: names with commas between")]


def table_command(
    folder: Folder,
    by: By = "policy",
    metric: Annotated[str, typer.Option(help="metrics, with commas between")] = "plan_staleness",
    statistic: Annotated[str, typer.Option(help="mean, bootstrap, median or quantile")] = "mean",
    quantile: Annotated[float, typer.Option(help="which quantile")] = 0.9,
    form: Format = "text",
) -> None:
    """Print a metric by settings, with 95 % intervals and n (seeds)."""
    check_format(form)
    rows = table(Results(folder), names(by), names(metric), statistic, quantile)
    if statistic in ("median", "quantile"):
        rows = [{statistic if k == "mean" else k: v for k, v in row.items()} for row in rows]
    print_rows(rows, form)


def compare_command(
    folder: Folder,
    between: Annotated[str, typer.Option(help="a setting and two values, such as policy=gated,warn")],
    metric: Annotated[str, typer.Option(help="the metric")] = "misfires",
    by: By = "",
    form: Format = "text",
) -> None:
    """Print differences between two values of a setting, paired by seed, with 95 % intervals."""
    check_format(form)
    print_rows(compare(Results(folder), between, metric, names(by)), form)


def sql(
    folder: Folder,
    query: Annotated[str, typer.Argument(help="over the views episodes, conditions and steps")],
    form: Format = "text",
) -> None:
    """Ask in SQL: a row an episode in `episodes`, settings as columns (quote those with a dot)."""
    check_format(form)
    try:
        with Results(folder).connect() as connection:
            answer = connection.execute(query)
            headings = [column[0] for column in answer.description or []]
            rows = [dict(zip(headings, row, strict=True)) for row in answer.fetchall()]
    except duckdb.Error as error:
        raise PlandriftError(f"sql: {str(error).strip().partition(chr(10))[0]}") from None
    print_rows(rows, form)


def export(
    folder: Folder,
    to: Annotated[Path, typer.Option(help="rows.csv or rows.parquet")],
) -> None:
    """Write every episode's row to one file."""
    kinds = {".csv": "format csv, header", ".parquet": "format parquet"}
    if to.suffix not in kinds:
        raise PlandriftError(f"--to {to}: end its name in .csv or .parquet")
    if not to.parent.is_dir():
        raise PlandriftError(f"--to {to}: there is no folder {to.parent}: make it first")
    try:
        with Results(folder).connect() as connection:
            connection.execute(
                f"copy (select * from episodes order by condition, seed) to {quoted(to)} ({kinds[to.suffix]})"
            )
    except (duckdb.Error, OSError) as error:
        raise PlandriftError(f"--to {to}: {str(error).partition(chr(10))[0]}") from None


def names(text: str) -> list[str]:
    """Names with commas between."""
    return [part.strip() for part in text.split(",") if part.strip()]
