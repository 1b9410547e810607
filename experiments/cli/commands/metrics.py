"""`plandrift list metrics`: everything that is measured."""

from __future__ import annotations

from typing import Annotated

import typer

from plandrift.experiments.cli.completion import metric_names
from plandrift.experiments.cli.options import Format
from plandrift.experiments.cli.printing import check_format, print_rows
from plandrift.sim import SettingError
from plandrift.sim.measure.metrics import DECLARED, Metric
from plandrift.sim.terms.errors import nearest


def metrics(
    name: Annotated[
        str | None, typer.Argument(help="show only this metric, in full", autocompletion=metric_names)
    ] = None,
    form: Format = "text",
) -> None:
    """List the metrics: unit, better direction, meaning, formula.

    Example:
      plandrift list metrics misfire_rate
    """
    check_format(form)
    if name is not None:
        if name not in DECLARED:
            raise SettingError(f"metric {name}: {nearest(name, DECLARED)}")
        if form == "text":
            for word, value in _row(DECLARED[name]).items():
                print(f"{word:8}  {value}")
            return
    rows = [_row(DECLARED[one]) for one in ([name] if name else DECLARED)]
    if form == "text":
        for row in rows:
            better = f", {row['better']} is better" if row["better"] else ""
            print(f"{row['metric']}  ({row['unit']}{better})\n    {row['meaning']}")
    else:
        print_rows(rows, form)


def _row(metric: Metric) -> dict[str, str]:
    return {
        "metric": metric.name,
        "unit": metric.unit,
        "better": metric.better,
        "meaning": metric.meaning,
        "kind": metric.kind,
        "formula": metric.formula,
    }
