"""`plandrift compare`: differences between two values of a setting."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.analysis.tables import compare
from experiments.cli.completion import metric_names
from experiments.cli.options import By, Folder, Format, names
from experiments.cli.printing import check_format, print_rows
from experiments.sweeps.results import Results


def compare_command(
    folder: Folder,
    between: Annotated[str, typer.Option(help="a setting and two values, such as policy=gated,warn")],
    metric: Annotated[str, typer.Option(help="the metric", autocompletion=metric_names)] = "misfires",
    by: By = "",
    form: Format = "text",
) -> None:
    """Print differences between two values of a setting, paired by seed, with 95 % intervals.

    Example, after `plandrift demo --seeds 10`:
      plandrift compare results/demo --between policy=gated,plan-once --by volatility
    """
    check_format(form)
    print_rows(compare(Results(folder), between, metric, names(by)), form)
