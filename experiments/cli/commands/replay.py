"""`plandrift replay`: an episode as a page that plays it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.completion import policy_names
from experiments.cli.options import (
    Horizon,
    Latency,
    Patience,
    PolicyName,
    Seed,
    Sets,
    Volatility,
    WorldName,
    gather,
)
from experiments.pages.page import check_page, write_page
from experiments.pages.replay import replay_page
from experiments.sweeps.condition import condition
from experiments.sweeps.patience import set_patience


def replay(
    world: WorldName,
    policy: PolicyName = "plan-once",
    against: Annotated[
        str | None,
        typer.Option(help="a second policy beside it, on the same seed", autocompletion=policy_names),
    ] = None,
    seed: Seed = 0,
    volatility: Volatility = None,
    latency: Latency = None,
    horizon: Horizon = None,
    sets: Sets = None,
    out: Annotated[Path, typer.Option(help="the page")] = Path("replay.html"),
    patience: Patience = None,
) -> None:
    """Write a self-contained page that plays an episode, or two policies side by side.

    Example:
      plandrift replay records --policy plan-once --against gated --latency 1
    """
    set_patience(patience)
    check_page(out)
    settings = gather(sets, volatility, latency, horizon)
    made = [condition(world, name, settings) for name in (policy, against) if name is not None]
    text = replay_page([one.run(seed, trace=True) for one in made], world)
    write_page(out, text)
    print(f"replay: {out} ({len(text.encode()) / 1000:.0f} kB)")
