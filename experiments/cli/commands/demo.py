"""`plandrift demo`: the headline experiment in one go: a sweep, its table, its figure."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.analysis.headline import PRICES, harm_sentence, headline
from plandrift.experiments.analysis.selection import caption
from plandrift.experiments.analysis.tables import Row, table
from plandrift.experiments.cli.printing import print_caption, print_rows
from plandrift.experiments.cli.progress import Display, print_outcome
from plandrift.experiments.sweeps.combinations import conditions_of
from plandrift.experiments.sweeps.engines import FASTER, MANY, fitting
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.run import sweep
from plandrift.experiments.sweeps.spec import read_spec

METRICS = ("plan_staleness", "harm", "success", "first_misfire_rate", "blocks", "mismatches_fired")
"""Staleness first, because it is the main question; then its consequences, and counts of blocks and slips."""

FEW = 200
"""The default number of seeds where the SimPy engine has to run them."""


def demo(
    out: Annotated[Path, typer.Option(help="folder for the results")] = Path("results/demo"),
    workers: Annotated[int, typer.Option(help="processes", min=1, max=512)] = 2,
    seeds: Annotated[
        int | None,
        typer.Option(
            help=f"episodes per condition; if not given, 1000, or {FEW} without the extra `fast`", min=2
        ),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="also draw what the guards cost: price.png")] = False,
) -> None:
    """Sweep the guards over volatility: table, figure, findings.

    Example:
      plandrift demo --seeds 10
    """
    path = Path(str(resources.files("plandrift.experiments.book") / "suites" / "demo.toml"))
    spec, text = read_spec(path)
    if seeds is None and fitting(conditions_of(spec)[0], MANY) not in FASTER:
        seeds = FEW
    spec = spec.with_seeds(seeds)
    with Display(spec.title) as display:
        outcome = sweep(spec, out, workers=workers, text=text, place=str(path), tell=display, metrics=METRICS)
    print_outcome(outcome, out)
    results = Results(out)
    print(f"engine: {', '.join(dict.fromkeys(results.manifest.engines.values()))}\n")
    by = ["policy", "volatility"]
    print_rows(_across(table(results, by, METRICS), by))
    # Imported here, because Matplotlib takes longer to load than most commands take to run.
    from plandrift.experiments.figures.kinds.guards import guards
    from plandrift.experiments.figures.kinds.headline import headline as headline_kind
    from plandrift.experiments.figures.kinds.kind import note
    from plandrift.experiments.figures.lines import PanelRow, panel_rows
    from plandrift.experiments.figures.style import save

    pictures = {"staleness.png": headline_kind(results), "guards.png": guards(results)}
    if full:
        paid = [PanelRow("", table(results, by, PRICES), {}, {})]
        pictures["price.png"] = panel_rows(paid, "What each guard costs", note(results, by), PRICES)
    for name, figure in pictures.items():
        save(figure, out / name)
    print()
    for line in (harm_sentence(results), *headline(results)):
        print(f"{line[:1].upper()}{line[1:]}.")
    print_caption(caption(results, by))
    print(f"\nfigures: {', '.join(str(out / name) for name in pictures)}")


def _across(rows: list[Row], by: list[str]) -> list[Row]:
    """Arrange one row per condition, metrics side by side; the intervals are left to the figure."""
    found: dict[tuple[object, ...], Row] = {}
    for row in rows:
        key = tuple(row[name] for name in by)
        found.setdefault(key, {name: row[name] for name in by})[row["metric"]] = row["mean"]
    return list(found.values())
