"""`plandrift survival`: how old plans could have been in a real history."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.printing import check_format, print_rows
from experiments.history.survival import AGES, SurvivalCurve, WritesBy, survival
from experiments.statistics.text import shown
from worlds.change_log import opened


def survival_command(
    log: Annotated[Path, typer.Argument(help="a change log: .csv, .jsonl or .parquet")],
    writes_by: Annotated[
        WritesBy | None, typer.Option(help="whose writes break a plan: those of other authors, or anyone's")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="text, csv, json or markdown")] = "text",
    figure: Annotated[Path | None, typer.Option(help="draw the curves: .png, .svg or .pdf")] = None,
    skip_bad_rows: Annotated[bool, typer.Option("--skip-bad-rows", help="go on without them")] = False,
) -> None:
    """Say how old a plan for each change set could have been before somebody's write broke it.

    Example, after `plandrift import git . --out history.parquet`:
      plandrift survival history.parquet
    """
    check_format(form)
    if figure is not None:
        from experiments.figures.style import check_path

        check_path(figure, "--figure")
    curves = survival(opened(str(log), skip_bad_rows), writes_by)
    if form == "json":
        print_rows([curve.row() for curve in curves], form)
    else:
        print_rows([_line(curve, form) for curve in curves], form)
    if figure is not None:
        from experiments.figures.style import save
        from experiments.figures.survival import survival_figure

        note = f"{log.name}: {sum(c.sets for c in curves)} change sets; Kaplan–Meier with Greenwood's 95 %"
        save(survival_figure(curves, "How long would a plan have stayed valid?", note), figure, "--figure")


def _line(curve: SurvivalCurve, form: str) -> dict[str, object]:
    line: dict[str, object] = {"fluents": curve.fluents, "sets": curve.sets, "censored": curve.censored}
    if form == "csv":
        line["median_s"] = curve.median
    else:
        line["median"] = "not reached" if curve.median is None else lasting(curve.median)
    for age, name in AGES.items():
        line[name] = curve.at(age)[0] if form == "csv" else f"{curve.at(age)[0]:.0%}"
    return line


def lasting(seconds: float) -> str:
    """A span of time for people."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{shown(seconds / size)} {unit}"
    return f"{shown(float(seconds))} s"
