"""`plandrift data graph`: the dependency graph of a plan at a given time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.cli.options import (
    Horizon,
    Latency,
    PolicyName,
    Seed,
    Sets,
    Volatility,
    WallClockLimit,
    WorldName,
    gather,
)
from plandrift.experiments.pages.dependency_graph import graph_svg
from plandrift.experiments.pages.page import write_page
from plandrift.experiments.sweeps.condition import condition, for_one_agent
from plandrift.experiments.sweeps.wall_clock_limit import set_wall_clock_limit
from plandrift.sim import PlandriftError


def graph(
    world: WorldName,
    policy: PolicyName = "plan-once",
    seed: Seed = 0,
    at: Annotated[float, typer.Option(help="the time at which to look")] = 0.0,
    volatility: Volatility = None,
    latency: Latency = None,
    horizon: Horizon = None,
    sets: Sets = None,
    out: Annotated[Path, typer.Option(help="file to draw to, .svg")] = Path("graph.svg"),
    patience: WallClockLimit = None,
) -> None:
    """Draw what each step of a plan depends on at a moment.

    The graph also shows how staleness spread from there.

    Example:
      plandrift data graph records --policy plan-once --at 3 --volatility 0.2
    """
    set_wall_clock_limit(patience)
    if out.suffix != ".svg":
        raise PlandriftError(f"--out {out}: end its name in .svg")
    if not out.parent.is_dir():
        raise PlandriftError(f"--out {out}: there is no folder {out.parent}: make it first")
    made = condition(world, policy, gather(sets, volatility, latency, horizon))
    episode = for_one_agent(made, "a dependency graph").run(seed, trace=True)
    if not 0 <= at <= episode.metrics.duration:
        raise PlandriftError(f"--at {at:g}: the episode lasts from 0 to {episode.metrics.duration:g}")
    write_page(out, graph_svg(episode, at, world))
    print(f"graph: {out}")
