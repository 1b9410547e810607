"""`plandrift data sensitivity`: which settings matter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.analysis.selection import caption_of_cut
from plandrift.experiments.analysis.sensitivity import sensitivity as split
from plandrift.experiments.cli.completion import metric_names
from plandrift.experiments.cli.options import Format, WallClockLimit
from plandrift.experiments.cli.printing import check_format, print_caption, print_rows
from plandrift.experiments.cli.progress import Display, print_outcome
from plandrift.experiments.sweeps.spec import read_spec
from plandrift.experiments.sweeps.wall_clock_limit import set_wall_clock_limit


def sensitivity(
    spec: Annotated[Path, typer.Argument(metavar="SPEC.toml", help="a spec with [random] ranges")],
    metric: Annotated[
        str, typer.Option(help="the metric whose variance is attributed", autocompletion=metric_names)
    ] = "first_misfire_rate",
    samples: Annotated[
        int, typer.Option(help="number of points n, a power of 2; d settings take n (d + 2) conditions")
    ] = 256,
    out: Annotated[Path | None, typer.Option(help="folder for the results")] = None,
    workers: Annotated[int, typer.Option(help="processes", min=1, max=512)] = 2,
    seeds: Annotated[int | None, typer.Option(help="episodes per point", min=1)] = None,
    form: Format = "text",
    figure: Annotated[
        Path | None, typer.Option(help="file to draw the indices to: .png, .svg or .pdf")
    ] = None,
    patience: WallClockLimit = None,
) -> None:
    r"""Say which settings matter: Sobol' indices of a metric.

    A metric's variance is attributed to the settings: first-order and total Sobol' indices.

    Example:
      printf 'world = "records"\npolicy = "gated"\nseeds = 2\n' > ranges.toml
      printf '[random]\nvolatility = {low = 0.01, high = 0.2}\n' >> ranges.toml
      printf '"channel.latency" = {low = 0, high = 4}\n' >> ranges.toml
      plandrift data sensitivity ranges.toml --samples 16
    """
    set_wall_clock_limit(patience)
    check_format(form)
    if figure is not None:
        # Imported here, because Matplotlib takes longer to load than most commands take to run.
        from plandrift.experiments.figures.style import check_path

        check_path(figure, "--figure")
    read, text = read_spec(spec)
    read = read.with_seeds(seeds)
    folder = out or Path("results") / f"sensitivity-{spec.stem}-{samples}"
    with Display(read.title or spec.stem) as display:
        outcome, found = split(read, folder, metric, samples, workers, text, display)
    print_outcome(outcome, folder)
    rows = [
        {
            **one.group,
            "setting": index.setting,
            "first": index.first.mean,
            "first low": index.first.low,
            "first high": index.first.high,
            "total": index.total.mean,
            "total low": index.total.low,
            "total high": index.total.high,
            "n": index.first.n,
            f"mean {one.metric}": one.mean,
            "deviation": one.deviation,
        }
        for one in found
        for index in one.indices
    ]
    print_rows(rows, form)
    cut = caption_of_cut(outcome.results, list(found[0].group) if found else [])
    if form == "text":
        print_caption(cut)
    if figure is not None and found:
        from plandrift.experiments.figures.bars import indices_figure
        from plandrift.experiments.figures.style import save

        one = found[0]
        shares = [
            (i.setting, (i.first.mean, i.first.low, i.first.high), (i.total.mean, i.total.low, i.total.high))
            for i in one.indices
        ]
        group = ", ".join(f"{name} = {value}" for name, value in one.group.items())
        said = [f"{one.metric} over {samples} Sobol points{', ' + group if group else ''}", *cut]
        note = "; ".join(said)
        save(indices_figure(shares, read.title or f"What drives {one.metric}?", note), figure, "--figure")
