"""`plandrift table`: a metric by settings."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.analysis.tables import table
from experiments.cli.completion import metric_names
from experiments.cli.options import By, Folder, Format, names
from experiments.cli.printing import check_format, print_rows
from experiments.sweeps.results import Results


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
    statistic: Annotated[str, typer.Option(help="mean, bootstrap, median or quantile")] = "mean",
    quantile: Annotated[float, typer.Option(help="which quantile")] = 0.9,
    form: Format = "text",
) -> None:
    """Print a metric by settings, with 95 % intervals and n (seeds).

    Example, after `plandrift demo --seeds 10`:
      plandrift table results/demo --by policy,volatility --metric misfire_rate
    """
    check_format(form)
    results = Results(folder)
    metrics = list(results.manifest.staleness) if metric is None else names(metric)
    rows = table(results, names(by), metrics, statistic, quantile)
    if statistic in ("median", "quantile"):
        rows = [{statistic if k == "mean" else k: v for k, v in row.items()} for row in rows]
    print_rows(rows, form)
