"""`plandrift table`: a metric by settings."""

from __future__ import annotations

from typing import Annotated

import typer

from plandrift.experiments.analysis.across import across
from plandrift.experiments.analysis.selection import caption, seeds_words, selected
from plandrift.experiments.analysis.tables import Row, cut_shown, table
from plandrift.experiments.cli.completion import metric_names
from plandrift.experiments.cli.options import By, Folder, Format, Over, Where, names
from plandrift.experiments.cli.printing import check_format, print_caption, print_rows, sort_rows
from plandrift.experiments.figures.labels import unit_of
from plandrift.experiments.statistics.measures import beside
from plandrift.experiments.sweeps.results import Results
from plandrift.sim import SettingError

AT_CALLS = ("staleness_before_fire", "first_misfire_rate")
"""The metrics shown if none is named and nobody held a plan: they are measured at each call."""
FEW = "few: a handful of seeds make up over half of the value, or are the only ones not 0: not decided"


def table_command(
    folder: Folder,
    by: By = "policy",
    metric: Annotated[
        str | None,
        typer.Option(
            help="metrics, separated by commas; plan staleness if not given",
            autocompletion=metric_names,
        ),
    ] = None,
    where: Where = None,
    over: Over = "",
    sort: Annotated[
        str, typer.Option(help="column to sort by; put a minus before it for descending order")
    ] = "",
    statistic: Annotated[
        str, typer.Option(help="the statistic: mean, bootstrap, median or quantile")
    ] = "mean",
    quantile: Annotated[float, typer.Option(help="the quantile for --statistic quantile")] = 0.9,
    turn: Annotated[
        str, typer.Option("--across", help="a setting whose values become the columns, such as policy")
    ] = "",
    intervals: Annotated[
        bool, typer.Option("--intervals/--no-intervals", help="show the 95 % intervals or not")
    ] = True,
    form: Format = "text",
) -> None:
    """Print a metric by settings, with 95 % intervals.

    Beside it are n (seeds), what was achieved and what was attempted.

    With --across, success is shown below a rate: an agent that fires nothing never misfires.

    Example, after `plandrift demo --seeds 10`:
      plandrift table results/demo --by policy,volatility --metric misfire_rate
    """
    check_format(form)
    results = selected(Results(folder), where or [], names(over))
    metrics = list(results.manifest.staleness) if metric is None else names(metric)
    groups = names(by)
    if turn:
        groups = [name for name in groups if name != turn]
        metrics = beside(metrics)
    split = [*groups, *([turn] if turn else [])]
    rows = table(results, split, metrics, statistic, quantile)
    planless = metric is None and not any(row["n"] for row in rows if row["metric"] in metrics[:1])
    if planless:
        metrics = beside([*AT_CALLS]) if turn else [*AT_CALLS]
        rows = table(results, split, metrics, statistic, quantile)
    said = [_what(metrics, statistic, intervals, seeds_words(results))]
    if planless:
        said.append("no episode had a plan with steps left for any time, so there is no plan staleness")
    said += caption(results, split)
    if turn:
        if sort:
            raise SettingError(
                name="--sort", problem="is given together with --across", fix="give only one of the two"
            )
        text = form not in ("csv", "json")
        turned = across(rows, turn, groups, intervals=intervals, words=text)
        if len(metrics) == 1 and text:
            turned = [{name: cell for name, cell in row.items() if name != "metric"} for row in turned]
        print_rows(turned, form, len(groups) + (len(metrics) > 1), said)
        if form == "text":
            print_caption(said)
        return
    if not intervals:
        rows = [{k: v for k, v in row.items() if k not in ("low", "high")} for row in rows]
    if statistic in ("median", "quantile"):
        rows = [{statistic if k == "mean" else k: v for k, v in row.items()} for row in rows]
    if sort:
        rows = sort_rows(rows, sort)
    if any(row["without"] for row in rows):
        said.append("without: episodes with no value for the metric, such as those that never had a plan")
    if any(row["few"] for row in rows):
        said.append(FEW)
    if form in ("text", "latex"):
        rows = cut_shown([_short(row, rows, len(metrics) == 1) for row in rows])
    print_rows(rows, form, len(groups) + (len(metrics) > 1), said)
    if form == "text":
        print_caption(said)


def _what(metrics: list[str], statistic: str, intervals: bool, seeds: str) -> str:
    units = [unit_of(metric) for metric in metrics]
    if len(metrics) > 1:
        units = [f"{metric}: {unit}" for metric, unit in zip(metrics, units, strict=True)]
    said = [f"metric{'s' * (len(metrics) > 1)} {', '.join(metrics)}", seeds]
    said[1:1] = [statistic] * (statistic != "mean") + ["95 % intervals"] * intervals
    return "; ".join([", ".join(said), *units])


def _short(row: Row, rows: list[Row], alone: bool) -> Row:
    """Drop from a row the columns that have the same value in all rows."""
    said = dict(row)
    if alone:
        del said["metric"]
    if all(r["episodes"] == r["n"] for r in rows):
        del said["episodes"]
    for name in ("few", "without"):
        if not any(r[name] for r in rows):
            del said[name]
    return said
