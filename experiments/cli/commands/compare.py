"""`plandrift compare`: differences between two values of a setting."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.analysis.tables import compare
from experiments.cli.options import By, Folder, Format, names
from experiments.cli.printing import check_format, print_rows
from experiments.sweeps.results import Results


def compare_command(
    folder: Folder,
    between: Annotated[str, typer.Option(help="a setting and two values, such as policy=gated,warn")],
    metric: Annotated[str, typer.Option(help="the metric")] = "misfires",
    by: By = "",
    form: Format = "text",
) -> None:
    """Print differences between two values of a setting, paired by seed, with 95 % intervals."""
    check_format(form)
    print_rows(compare(Results(folder), between, metric, names(by)), form)
