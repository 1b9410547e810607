"""`plandrift demo`: the main job in one go: a sweep, its table, its figure."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from experiments.analysis.tables import table
from experiments.cli.printing import print_rows
from experiments.cli.progress import Display, print_outcome
from experiments.sweeps.results import Results
from experiments.sweeps.run import sweep
from experiments.sweeps.spec import read_spec

METRICS = ("plan_staleness", "misfire_rate", "replans")


def demo(
    out: Annotated[Path, typer.Option(help="the folder of the results")] = Path("results/demo"),
    workers: Annotated[int, typer.Option(help="processes", min=1, max=512)] = 2,
    seeds: Annotated[int | None, typer.Option(help="episodes of each condition", min=2)] = None,
) -> None:
    """Sweep three policies over nine volatilities, print the table and draw the figure.

    Example:
      plandrift demo --seeds 10
    """
    path = Path(str(resources.files("experiments.book") / "suites" / "demo.toml"))
    spec, text = read_spec(path)
    spec = spec.with_seeds(seeds)
    with Display(spec.title) as display:
        outcome = sweep(spec, out, workers=workers, text=text, place=str(path), tell=display)
    print_outcome(outcome, out)
    results = Results(out)
    rows = table(results, ["policy", "volatility"], METRICS)
    print_rows([{k: v for k, v in row.items() if k != "episodes"} for row in rows])
    note = (
        f"world records, {spec.seeds} seeds a point on common random numbers, bands are 95 % intervals; "
        "observation latency 1, thinking time 0.2"
    )
    # Matplotlib takes longer to load than most commands to run.
    from experiments.figures.lines import staleness_and_price
    from experiments.figures.style import save

    picture = out / "staleness.png"
    save(staleness_and_price(rows, spec.title, note), picture)
    print(f"\nfigure: {picture}")
