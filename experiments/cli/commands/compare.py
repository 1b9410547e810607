"""`plandrift compare`: differences between two values of a setting, or between two sweeps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.analysis.contenders import compare_folders
from plandrift.experiments.analysis.selection import caption, selected
from plandrift.experiments.analysis.tables import ACHIEVED, Row, compare, cut_shown
from plandrift.experiments.cli.completion import metric_names
from plandrift.experiments.cli.options import By, Folder, Format, Over, Where, names
from plandrift.experiments.cli.printing import check_format, print_caption, print_rows
from plandrift.experiments.statistics.rulings import Ruling
from plandrift.experiments.sweeps.results import Results
from plandrift.sim import SettingError


def compare_command(
    folder: Folder,
    other: Annotated[
        Path | None,
        typer.Argument(
            metavar="[OTHER]",
            help="another sweep's folder: compare each contender in one with each contender in the other",
        ),
    ] = None,
    between: Annotated[
        str, typer.Option(help="a setting and two of its values, such as policy=gated,warn")
    ] = "",
    metric: Annotated[
        str | None,
        typer.Option(
            help="the metric; if not given, plan staleness, or effectiveness between two folders",
            autocompletion=metric_names,
        ),
    ] = None,
    by: By = "",
    where: Where = None,
    over: Over = "",
    form: Format = "text",
) -> None:
    """Compare two values of a setting, or two folders, seed by seed.

    Differences are paired by seed and have 95 % intervals.

    What both achieved and attempted is shown beside them: an agent that fires nothing never misfires.

    Example, after `plandrift demo --seeds 10`:
      plandrift compare results/demo --between policy=gated,plan-once --by volatility
    """
    check_format(form)
    if other is not None:
        metric = metric or "effectiveness"
        if between or by or where or over:
            raise SettingError(
                name="--between",
                problem="is given together with a second folder",
                fix="give only one of the two; --by, --where and --over are for --between",
            )
        print_rows(compare_folders(Results(folder), Results(other), metric), form)
        if form == "text":
            print_caption([f"contenders of {folder} against those of {other}; differences are seed by seed"])
        return
    if not between:
        raise SettingError(name="--between", problem="is missing", fix="give it, or give a second folder")
    results = selected(Results(folder), where or [], names(over))
    metric = metric or results.manifest.staleness[0]
    rows = compare(results, between, metric, names(by))
    if form != "text":
        print_rows(rows, form)
        return
    ends = [key.removeprefix(f"{metric} at ") for key in rows[0] if key.startswith(f"{metric} at ")]
    print_rows([_short(row, metric, ends, names(by)) for row in cut_shown(rows)], keys=len(names(by)))
    setting = between.partition("=")[0].strip()
    said = [f"metric {metric} by {setting}; the difference is {ends[0]} - {ends[1]}"]
    print_caption([*said, *caption(results, [setting, *names(by)])])


def _short(row: Row, metric: str, ends: list[str], by: list[str]) -> Row:
    """Shorten a row to the width of a terminal, with the achievements at both values in one column."""
    said = {name: row[name] for name in by}
    said |= {end: row[f"{metric} at {end}"] for end in ends}
    said |= {name: row[name] for name in ("difference", "low", "high", "n")}
    said["verdict"] = Ruling(row["verdict"], row["why"]).words
    for name in ACHIEVED:
        if f"{name} at {ends[0]}" in row and name != metric:
            values = (row[f"{name} at {end}"] for end in ends)
            said[f"{name} {' / '.join(ends)}"] = " / ".join(f"{value:.2f}" for value in values)
    return said
