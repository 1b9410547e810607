"""`plandrift report`: a sweep as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.analysis.selection import selected
from plandrift.experiments.cli.options import Folder, Where
from plandrift.experiments.pages.page import check_page, write_page
from plandrift.experiments.sweeps.results import Results


def report(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="file to write the page to")] = Path("report.html"),
    where: Where = None,
) -> None:
    """Write a sweep as one self-contained page.

    Example, after `plandrift demo --seeds 10`:
      plandrift report results/demo --out demo.html
    """
    check_page(out)
    results = selected(Results(folder), where or [])
    # Imported here, because Matplotlib takes longer to load than most commands take to run.
    from plandrift.experiments.pages.report import report_page

    text = report_page(results)
    write_page(out, text)
    print(f"report: {out} ({len(text.encode()) / 1000:.0f} kB)")
