"""`plandrift demo`: the main job in one go: a sweep, its table, its figure."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.analysis.headline import headline
from plandrift.experiments.analysis.selection import caption
from plandrift.experiments.analysis.tables import Row, table
from plandrift.experiments.cli.printing import print_caption, print_rows
from plandrift.experiments.cli.progress import Display, print_outcome
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import sweep
from plandrift.experiments.sweeps.spec import read_spec

METRICS = (
    *("plan_staleness", "success", "first_misfire_rate", "harm"),
    *("replans", "reads", "refused", "duration"),
)
"""Staleness first, for it is what people come for; what it does; and in the second row the price."""


def demo(
    out: Annotated[Path, typer.Option(help="the folder of the results")] = Path("results/demo"),
    workers: Annotated[int, typer.Option(help="processes", min=1, max=512)] = 2,
    seeds: Annotated[int | None, typer.Option(help="episodes of each condition", min=2)] = None,
) -> None:
    """Sweep the ladder of guards over eight volatilities: the table, the figure, and what they show.

    Example:
      plandrift demo --seeds 10
    """
    path = Path(str(resources.files("plandrift.experiments.book") / "suites" / "demo.toml"))
    spec, text = read_spec(path)
    spec = spec.with_seeds(seeds)
    with Display(spec.title) as display:
        outcome = sweep(spec, out, workers=workers, text=text, place=str(path), tell=display, metrics=METRICS)
    print_outcome(outcome, out)
    results = Results(out)
    by = ["policy", "volatility"]
    rows = table(results, by, METRICS)
    print_rows(_across(rows, by))
    # Matplotlib takes longer to load than most commands to run.
    from plandrift.experiments.figures.kinds.guards import guards
    from plandrift.experiments.figures.kinds.kind import note
    from plandrift.experiments.figures.lines import PanelRow, panel_rows
    from plandrift.experiments.figures.style import save

    said = [f"{line[:1].upper()}{line[1:]}." for line in headline(results)]
    picture = out / "staleness.png"
    panels = [PanelRow("", rows, {}, {})]
    save(panel_rows(panels, spec.title, " ".join([*said, note(results, by)]), METRICS), picture)
    save(guards(results), out / "guards.png")
    print()
    print("\n".join(said))
    print_caption(caption(results, by))
    print(f"\nfigures: {picture}, {out / 'guards.png'}")


def _across(rows: list[Row], by: list[str]) -> list[Row]:
    """A row a condition with its metrics side by side, without intervals: those are in the figure."""
    found: dict[tuple[object, ...], Row] = {}
    for row in rows:
        key = tuple(row[name] for name in by)
        found.setdefault(key, {name: row[name] for name in by})[row["metric"]] = row["mean"]
    return list(found.values())
