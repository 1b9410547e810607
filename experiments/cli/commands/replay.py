"""`plandrift replay`: an episode as a page that plays it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.completion import policy_names, world_names
from experiments.cli.options import Horizon, Latency, Patience, PolicyName, Seed, Sets, Volatility, gather
from experiments.pages.page import check_page, write_page
from experiments.pages.replay import replay_page
from experiments.playback.retold import retold
from experiments.sweeps.condition import condition
from experiments.sweeps.patience import set_patience
from sim import SettingError, read_lines


def replay(
    world: Annotated[
        str,
        typer.Argument(
            metavar="[WORLD]",
            help="a world of `plandrift worlds`, or package.module:Name",
            autocompletion=world_names,
        ),
    ] = "",
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
    traces: Annotated[
        list[Path] | None,
        typer.Option(
            "--trace", help="play this trace in place of a world; given twice, one beside the other"
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="the page")] = Path("replay.html"),
    patience: Patience = None,
) -> None:
    """Write a self-contained page that plays an episode, or two policies side by side, or a trace.

    Example:
      plandrift replay records --policy plan-once --against gated --latency 1
    """
    set_patience(patience)
    check_page(out)
    if bool(world) == bool(traces):
        raise SettingError(name="replay", problem="needs a world or a --trace", fix="give one of the two")
    if traces:
        episodes = [retold(read_lines(path)) for path in traces]
        text = replay_page(episodes, traces[0].stem)
    else:
        settings = gather(sets, volatility, latency, horizon)
        made = [condition(world, name, settings) for name in (policy, against) if name is not None]
        text = replay_page([one.run(seed, trace=True) for one in made], world)
    write_page(out, text)
    print(f"replay: {out} ({len(text.encode()) / 1000:.0f} kB)")
