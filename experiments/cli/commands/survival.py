"""`plandrift data survival`: how long plans would have stayed valid in a real history."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.analysis.survival import AGES, SurvivalCurve, WritesBy, busiest, survival
from plandrift.experiments.cli.options import Format
from plandrift.experiments.cli.printing import check_format, print_caption, print_rows
from plandrift.experiments.statistics.text import shown
from plandrift.worlds.logs.change_log import opened

PLAIN, GIT = ("fluents", "sets"), ("files", "commits")
"""The words for what a history contains: in any change log, and in git."""
NEARLY_ALL = 0.95
"""If two authors made this share of the change sets, the output says that few writes are by others."""
TIED = 0.02
"""If writes break this share of the plans at exactly a reported age, the output says so."""


def survival_command(
    log: Annotated[Path, typer.Argument(help="a change log: .csv, .jsonl or .parquet")],
    writes_by: Annotated[
        WritesBy | None, typer.Option(help="whose writes break a plan: other authors', or anyone's")
    ] = None,
    form: Format = "text",
    figure: Annotated[
        Path | None, typer.Option(help="file to draw the curves to: .png, .svg or .pdf")
    ] = None,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="skip rows that cannot be read")
    ] = False,
) -> None:
    """Report how soon other authors' writes break a plan.

    Example, after `plandrift agent import git . --out history.parquet`:
      plandrift data survival history.parquet
    """
    check_format(form)
    if figure is not None:
        from plandrift.experiments.figures.style import check_path

        check_path(figure, "--figure")
    history = opened(str(log), skip_bad_rows)
    curves, words = survival(history, writes_by), GIT if history.of_git else PLAIN
    if form == "json":
        print_rows([curve.row() for curve in curves], form)
    else:
        print_rows([_line(curve, form, words) for curve in curves], form)
        if form == "text":
            people, share = busiest(history)
            few = writes_by != "anyone" and people > 1 and share >= NEARLY_ALL
            whom = f"two of {people} authors" if people > 2 else "two authors"
            said = f"{whom} made {share:.0%} of the {words[1]}, so 'others' means one of them: compare "
            print_caption(_meaning(curves, words) + [f"{said}--writes-by anyone"] * few)
    if figure is not None:
        from plandrift.experiments.figures.style import save
        from plandrift.experiments.figures.survival import survival_figure

        note = f"{log.name}: {sum(c.sets for c in curves)} {words[1]}; Kaplan–Meier with Greenwood's 95 %"
        title = "How long would a plan have stayed valid?"
        save(survival_figure(curves, title, note, words), figure, "--figure")


def _line(curve: SurvivalCurve, form: str, words: tuple[str, str]) -> dict[str, object]:
    names = PLAIN if form == "csv" else words
    line: dict[str, object] = dict(zip(names, (curve.fluents, curve.sets), strict=True))
    line["censored"] = curve.censored
    line["left out"] = curve.created
    if form == "csv":
        line["median_s"] = curve.median
    else:
        line["median"] = "not reached" if curve.median is None else lasting(curve.median)
    for age, name in AGES.items():
        share, low, high = curve.at(age)
        if form == "csv":
            line |= {name: share, f"{name} low": low, f"{name} high": high}
        else:
            line[name] = "–" if share != share else f"{share:.0%} [{low:.0%}, {high:.0%}]".replace("%", "", 2)
    return line


def _meaning(curves: Sequence[SurvivalCurve], words: tuple[str, str]) -> list[str]:
    """Return sentences, computed from the table, on its meaning and its limits."""
    longest = max(curve.longest for curve in curves)
    said = [
        f"plans still valid after each age, in %, with 95 % intervals, by the number of {words[0]} they "
        "change"
    ]
    reached = [curve for curve in curves if curve.median is not None]
    if reached:
        first = min(reached, key=lambda curve: curve.median or 0.0)
        assert first.median is not None
        said.append(
            f"half of the plans that change {first.fluents} {words[0]} are broken after "
            f"{lasting(first.median)}: executed at that age, such a plan is as likely to be wrong as right"
        )
    else:
        said.append("no plan size has half its plans broken within the time that the log spans")
    tied, age, curve = max(((c.met_at(age), age, c) for c in curves for age in AGES), key=lambda one: one[0])
    if tied >= TIED:
        said.append(
            f"others write to {tied:.0%} of the plans that change {curve.fluents} {words[0]} at exactly "
            f"{AGES[age]}, as in logs whose times are rounded: they count as broken by then"
        )
    created = sum(curve.created for curve in curves)
    if created:
        whole = created + sum(curve.sets for curve in curves)
        sets = "commits" if words == GIT else "change sets"
        said.append(
            f"{created} of {whole} {sets} that only create {words[0]} are left out: they can break no plan"
        )
    if longest < max(AGES) and any(curve.share[-1] > 0 for curve in curves):
        said.append(f"the log is {lasting(longest)} long: nothing is known beyond that (–)")
    return said


def lasting(seconds: float) -> str:
    """Format a span of time for people."""
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.2g} {unit}" if seconds < 100 * size else f"{seconds / size:.0f} {unit}"
    return f"{shown(float(seconds))} s"
