"""`plandrift agent audit`: how stale an agent was, and which guard would have caught it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.agents.audit.audit import Audit, audit, begins, open_ledger
from plandrift.experiments.agents.audit.coverage import coverage
from plandrift.experiments.agents.audit.guards import DEFAULT
from plandrift.experiments.agents.audit.measures import CANNOT_TELL, AuditFigure
from plandrift.experiments.agents.audit.side_by_side import side_by_side
from plandrift.experiments.cli.options import Format, names
from plandrift.experiments.cli.printing import check_format, print_rows
from plandrift.experiments.statistics.text import share_text, shown
from plandrift.sim import SettingError, plain


def audit_command(
    trace: Annotated[
        Path, typer.Argument(metavar="OPS", help="operations written by `plandrift agent import`")
    ],
    other: Annotated[
        Path | None, typer.Argument(metavar="[OTHER]", help="other operations, shown side by side with these")
    ] = None,
    guards: Annotated[
        str, typer.Option(help="guards, separated by commas; age:SECONDS for an age limit")
    ] = DEFAULT,
    log: Annotated[
        Path | None,
        typer.Option(help="file to write the changes to, for `survival`: .parquet, .csv or .jsonl"),
    ] = None,
    figure: Annotated[
        Path | None, typer.Option(help="file to draw the result to: .png, .svg or .pdf")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="file to write one self-contained page to: .html")
    ] = None,
    trend: Annotated[
        Path | None,
        typer.Option(help="file to draw the shares by week and by version to: .png, .svg or .pdf"),
    ] = None,
    form: Format = "text",
) -> None:
    """Report how old the information behind each write was.

    It also shows what each guard would have done. For two traces, it shows the shares side by side with their
    differences, paired by the sessions that are in both.

    Example, after `plandrift agent import claude-code session.jsonl --out ops.parquet`:
      plandrift agent audit ops.parquet
    """
    check_format(form)
    for option, path in (("--figure", figure), ("--trend", trend)):
        if path is not None:
            # Imported here, because Matplotlib takes longer to load than most audits take to run.
            from plandrift.experiments.figures.style import check_path

            check_path(path, option)
    if report is not None:
        from plandrift.experiments.pages.page import check_page

        check_page(report, "--report")
    if other is not None:
        given = {"--figure": figure, "--report": report, "--log": log, "--trend": trend}
        for option, path in given.items():
            if path is not None:
                raise SettingError(f"{option} {path}: it shows one trace: leave out {other}")
        _compare(trace, other, names(guards), form)
        return
    found = audit(trace, names(guards))
    if log is not None:
        from plandrift.experiments.agents.audit.change_log import write_change_log

        write_change_log(found.ledger, log)
    _draw(found, trace.name, figure, report)
    if trend is not None:
        from plandrift.experiments.agents.audit.trend import trend_figure
        from plandrift.experiments.figures.style import save

        save(trend_figure(found.ledger, f"How stale, over time? {trace.name}"), trend, "--trend")
    if form == "json":
        print(json.dumps(plain(found.as_object()), indent=1))
    else:
        _print(found, form)


def _compare(first: Path, second: Path, guards: Sequence[str], form: str) -> None:
    one, two = map(open_ledger, (first, second))
    rows = side_by_side(one, two, guards)
    traces = [begins(ledger, coverage(ledger)) for ledger in (one, two)]
    if form == "json":
        print(json.dumps(plain({"traces": traces, "figures": [row.row() for row in rows]}), indent=1))
        return
    for name, path, said in zip(("first", "second"), (first, second), traces, strict=True):
        print(f"{name}, {path}: {said}")
    print()
    print_rows([row.line() for row in rows], form)


def _draw(found: Audit, name: str, figure: Path | None, report: Path | None) -> None:
    title = f"How stale was the agent? {name}"
    if figure is not None:
        from plandrift.experiments.agents.audit.figure import audit_figure
        from plandrift.experiments.figures.style import save

        save(audit_figure(found, title), figure, "--figure")
    if report is not None:
        from plandrift.experiments.agents.audit.page import audit_page
        from plandrift.experiments.pages.page import write_page

        write_page(report, audit_page(found, title), "--report")


def _print(found: Audit, form: str) -> None:
    print(f"{found.begins}. {found.coverage.sentence}\n")
    print_rows([_line(figure) for figure in found.figures], form)
    print()
    print_rows([row.line() for row in found.guards], form)
    print("\n" + found.sentence)
    print(
        f"A block is priced at {shown(found.price)} s: the median read plus the median thinking time of "
        "this trace."
    )
    print("What a transcript cannot tell: " + "; ".join(CANNOT_TELL) + ".")


def _line(figure: AuditFigure) -> dict[str, object]:
    value = figure.value
    if figure.unit == "share":
        text, interval = share_text(value).partition(" ")[::2]
    else:
        text = (
            f"{shown(float(value.mean))} {figure.unit}"
            if figure.unit == "s"
            else shown(value.mean if figure.unit == "mean" else int(value.mean))
        )
        interval = f"[{shown(value.low)}, {shown(value.high)}]" if value.low == value.low else ""
    return {"figure": figure.name, "value": text, "95 %": interval, "n": value.n, "known by": figure.known}
