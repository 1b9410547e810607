"""`plandrift table`: a metric by settings."""

from __future__ import annotations

from typing import Annotated

import typer

from plandrift.experiments.analysis.selection import caption, selected
from plandrift.experiments.analysis.tables import Row, table
from plandrift.experiments.cli.completion import metric_names
from plandrift.experiments.cli.options import By, Folder, Format, Over, Where, names
from plandrift.experiments.cli.printing import check_format, print_caption, print_rows, sort_rows
from plandrift.experiments.sweeps.results import Results

FEW = "few: so many seeds hold more than half of it, or are all that are not 0: it decides nothing"


def table_command(
    folder: Folder,
    by: By = "policy",
    metric: Annotated[
        str | None,
        typer.Option(
            help="metrics, with commas between; how stale the plans were if not given",
            autocompletion=metric_names,
        ),
    ] = None,
    where: Where = None,
    over: Over = "",
    sort: Annotated[str, typer.Option(help="a column to sort by; downwards with a minus before it")] = "",
    statistic: Annotated[str, typer.Option(help="mean, bootstrap, median or quantile")] = "mean",
    quantile: Annotated[float, typer.Option(help="which quantile")] = 0.9,
    form: Format = "text",
) -> None:
    """Print a metric by settings, with 95 % intervals, n (seeds), and what was achieved and attempted.

    Example, after `plandrift demo --seeds 10`:
      plandrift table results/demo --by policy,volatility --metric misfire_rate
    """
    check_format(form)
    results = selected(Results(folder), where or [], names(over))
    metrics = list(results.manifest.staleness) if metric is None else names(metric)
    rows = table(results, names(by), metrics, statistic, quantile)
    if statistic in ("median", "quantile"):
        rows = [{statistic if k == "mean" else k: v for k, v in row.items()} for row in rows]
    if sort:
        rows = sort_rows(rows, sort)
    if form != "text":
        print_rows(rows, form)
        return
    print_rows([_short(row, rows, len(metrics) == 1) for row in rows])
    said = caption(results, names(by))
    if len(metrics) == 1:
        said = [f"metric {metrics[0]}, 95 % intervals", *said]
    if any(row["without"] for row in rows):
        said.append("without: episodes that have no value of the metric, such as those that never had a plan")
    if any(row["few"] for row in rows):
        said.append(FEW)
    print_caption(said)


def _short(row: Row, rows: list[Row], alone: bool) -> Row:
    """A row without the columns that say the same in all."""
    said = dict(row)
    if alone:
        del said["metric"]
    if all(r["episodes"] == r["n"] for r in rows):
        del said["episodes"]
    for name in ("few", "without"):
        if not any(r[name] for r in rows):
            del said[name]
    return said
