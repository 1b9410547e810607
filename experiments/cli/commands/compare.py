"""`plandrift compare`: differences between two values of a setting."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.analysis.contenders import compare_folders
from plandrift.experiments.analysis.selection import caption, selected
from plandrift.experiments.analysis.tables import ACHIEVED, Row, compare
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
        typer.Argument(metavar="[OTHER]", help="another folder: compare each contender with each of its"),
    ] = None,
    between: Annotated[str, typer.Option(help="a setting and two values, such as policy=gated,warn")] = "",
    metric: Annotated[str, typer.Option(help="the metric", autocompletion=metric_names)] = "effectiveness",
    by: By = "",
    where: Where = None,
    over: Over = "",
    form: Format = "text",
) -> None:
    """Print differences between two values of a setting, or two folders, paired by seed, with 95 % intervals.

    Beside them stands what was achieved and attempted at both: an agent that fires nothing misfires never.

    Example, after `plandrift demo --seeds 10`:
      plandrift compare results/demo --between policy=gated,plan-once --by volatility
    """
    check_format(form)
    if other is not None:
        if between or by or where or over:
            raise SettingError(
                name="--between",
                problem="and a second folder",
                fix="give one of the two; --by, --where and --over are for --between",
            )
        print_rows(compare_folders(Results(folder), Results(other), metric), form)
        if form == "text":
            print_caption(
                [f"metric {metric}: a is of {folder}, b of {other}; the difference is a - b, seed by seed"]
            )
        return
    if not between:
        raise SettingError(name="--between", problem="is missing", fix="give it, or a second folder")
    results = selected(Results(folder), where or [], names(over))
    rows = compare(results, between, metric, names(by))
    if form != "text":
        print_rows(rows, form)
        return
    ends = [key.removeprefix(f"{metric} at ") for key in rows[0] if key.startswith(f"{metric} at ")]
    print_rows([_short(row, metric, ends, names(by)) for row in rows])
    setting = between.partition("=")[0].strip()
    said = [f"metric {metric}: a is {setting} {ends[0]}, b is {setting} {ends[1]}; the difference is a - b"]
    print_caption([*said, *caption(results, [setting, *names(by)])])


def _short(row: Row, metric: str, ends: list[str], by: list[str]) -> Row:
    """A row as wide as a terminal: the two ends are a and b, what was achieved is written a / b."""
    said = {name: row[name] for name in by}
    said |= {"a": row[f"{metric} at {ends[0]}"], "b": row[f"{metric} at {ends[1]}"]}
    said |= {name: row[name] for name in ("difference", "low", "high", "n")}
    said["verdict"] = Ruling(row["verdict"], row["why"]).words
    for name in ACHIEVED:
        if name != metric:
            values = (row[f"{name} at {end}"] for end in ends)
            said[f"{name} a / b"] = " / ".join(f"{value:.2f}" for value in values)
    return said
