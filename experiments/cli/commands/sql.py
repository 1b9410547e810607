"""`plandrift sql`: ask a sweep's rows in SQL."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.cli.options import Folder, Format
from experiments.cli.printing import check_format, print_rows
from experiments.sweeps.results import Results
from sim import PlandriftError


def sql(
    folder: Folder,
    query: Annotated[str, typer.Argument(help="over the views episodes, conditions and steps")],
    form: Format = "text",
) -> None:
    """Ask in SQL: a row an episode in `episodes`, settings as columns (quote those with a dot).

    Example, after `plandrift demo --seeds 10`:
      plandrift sql results/demo "select policy, avg(misfires) from episodes group by 1"
    """
    import duckdb

    check_format(form)
    try:
        with Results(folder).connect() as connection:
            answer = connection.execute(query)
            headings = [column[0] for column in answer.description or []]
            rows = [dict(zip(headings, row, strict=True)) for row in answer.fetchall()]
    except duckdb.Error as error:
        raise PlandriftError(f"sql: {str(error).strip().partition(chr(10))[0]}") from None
    print_rows(rows, form)
