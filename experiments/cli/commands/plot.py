"""`plandrift plot`: a figure of a sweep."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.analysis.selection import selected
from plandrift.experiments.cli.completion import metric_names
from plandrift.experiments.cli.options import Folder, Over, Where, names
from plandrift.experiments.figures.kinds import KINDS
from plandrift.experiments.sweeps.results import Results
from plandrift.sim import SettingError
from plandrift.sim.terms.errors import nearest


def plot(
    folder: Folder,
    kind: Annotated[
        str | None,
        typer.Option(help=f"kind of figure: {', '.join(KINDS)}"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="file to draw to: .png, .svg or .pdf")] = None,
    x: Annotated[str | None, typer.Option(help="the setting on the horizontal axis")] = None,
    y: Annotated[
        str | None,
        typer.Option(
            help="the metric; for a map, the setting on the vertical axis", autocompletion=metric_names
        ),
    ] = None,
    by: Annotated[str | None, typer.Option(help="the setting with one line per value")] = None,
    facet: Annotated[
        str | None, typer.Option(help="the setting with one panel per value, or two settings: down,across")
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(help="the metric that maps and ablations compare", autocompletion=metric_names),
    ] = None,
    width: Annotated[
        str | None, typer.Option(help="printed width, such as 85mm for one column of a paper")
    ] = None,
    where: Where = None,
    over: Over = "",
) -> None:
    """Draw a figure of a sweep.

    Without --out it is written beside the results.

    A setting that varies gets one panel per value, unless it is on an axis, fixed or averaged over.

    Example, after `plandrift demo --seeds 10`:
      plandrift plot results/demo --x volatility --y misfire_rate --by policy
    """
    given = {"x": x, "y": y, "by": by, "facet": facet, "metric": metric}
    for name, value in given.items():
        if value == "":
            raise SettingError(f"--{name} '': give a name")
    options = {name: value for name, value in given.items() if value is not None}
    chosen = kind or ("lines" if options else "staleness-volatility")
    if chosen not in KINDS:
        raise SettingError(f"--kind {chosen}: {nearest(chosen, KINDS)}")
    taken = KINDS[chosen].options
    for name in options:
        if name not in taken:
            allowed = ", ".join(f"--{t}" for t in taken) or "none of these options"
            raise SettingError(f"--{name}: the kind {chosen} takes {allowed}")
    results = selected(Results(folder), where or [], names(over))
    # Imported here, because Matplotlib takes longer to load than most commands take to run.
    from plandrift.experiments.figures.style import check_path, printed, save

    picture = out or folder / f"{chosen}.png"
    check_path(picture)
    with printed(None if width is None else millimetres(width)):
        save(KINDS[chosen](results, **options), picture)
    print(f"figure: {picture}")


def millimetres(text: str) -> float:
    """Parse a printed width and return it in millimetres.

    Raises:
        SettingError: the text is not a width.

    >>> millimetres("85mm"), millimetres("8.5 cm")
    (85.0, 85.0)
    """
    found = re.fullmatch(r"(\d+\.?\d*) ?(mm|cm|in)", text.strip())
    if found is None:
        raise SettingError(f"--width {text}: give a number with mm, cm or in, such as 85mm")
    return round(float(found[1]) * {"mm": 1.0, "cm": 10.0, "in": 25.4}[found[2]], 6)
