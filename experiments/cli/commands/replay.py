"""`plandrift replay`: a page that plays an episode."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.cli.completion import policy_names, world_names
from plandrift.experiments.cli.drawing_limit import drawing_limit
from plandrift.experiments.cli.options import (
    Agents,
    Coordination,
    Horizon,
    Latency,
    PolicyName,
    Seed,
    Sets,
    Volatility,
    WallClockLimit,
    gather,
)
from plandrift.experiments.pages.film import RATE, check_film
from plandrift.experiments.pages.film import film as make_film
from plandrift.experiments.pages.page import check_page, write_page
from plandrift.experiments.pages.replay import replay_page, replays
from plandrift.experiments.playback.episode_from_trace import episode_from_trace
from plandrift.experiments.playback.flagship import flagship as the_flagship
from plandrift.experiments.sweeps.condition import condition, for_one_agent
from plandrift.experiments.sweeps.wall_clock_limit import set_wall_clock_limit, wall_clock_limit_seconds
from plandrift.sim import SettingError, read_lines

FILM_SECONDS = 600.0
"""Seconds that a film may take if no --patience is given: one of a few episodes takes minutes."""


def replay(
    world: Annotated[
        str,
        typer.Argument(
            metavar="[WORLD]",
            help="a world from `plandrift list worlds`, or package.module:Name",
            autocompletion=world_names,
        ),
    ] = "",
    policy: PolicyName = "plan-once",
    against: Annotated[
        list[str] | None,
        typer.Option(
            help="another policy to show beside it, on the same seed; if several, the page lets you choose",
            autocompletion=policy_names,
        ),
    ] = None,
    seed: Seed = 0,
    agents: Agents = None,
    coordination: Coordination = None,
    volatility: Volatility = None,
    latency: Latency = None,
    horizon: Horizon = None,
    sets: Sets = None,
    traces: Annotated[
        list[Path] | None,
        typer.Option(
            "--trace",
            help="play this trace instead of running a world; give it twice for two traces side by side",
        ),
    ] = None,
    flagship: Annotated[
        bool,
        typer.Option("--flagship", help="play the clearest known failure, with three guards beside it"),
    ] = False,
    out: Annotated[Path, typer.Option(help="file to write the page to")] = Path("replay.html"),
    film: Annotated[
        Path | None,
        typer.Option(
            help="also write a film of the first two episodes: .gif, or .mp4 if ffmpeg is installed"
        ),
    ] = None,
    patience: WallClockLimit = None,
) -> None:
    """Write a page that plays an episode, or several side by side.

    Of a crew (--agents 2 or more), it shows each agent's plan, what is locked, and whose writes are lost.

    Example:
      plandrift replay records --policy plan-once --against gated --against if-match --latency 1
      plandrift replay ledger --agents 3 --coordination step-lock --policy gated
    """
    set_wall_clock_limit(patience)
    check_page(out)
    if film is not None:
        check_film(film)
    if bool(world) + bool(traces) + flagship != 1:
        raise SettingError(
            name="replay", problem="needs a world, a --trace or --flagship", fix="give one of them"
        )
    if flagship:
        episodes, name = the_flagship(), "records"
    elif traces:
        episodes, name = [episode_from_trace(read_lines(path)) for path in traces], traces[0].stem
    else:
        settings = gather(sets, volatility, latency, horizon, agents, coordination)
        made = [condition(world, one, settings) for one in (policy, *(against or ()))]
        if film is not None:
            for_one_agent(made[0], "a film")
        episodes, name = [one.run(seed, trace=True) for one in made], world
    text = replay_page(episodes, name)
    write_page(out, text)
    print(f"replay: {out} ({len(text.encode()) / 1000:.0f} kB)")
    if film is not None:
        if patience is None:
            set_wall_clock_limit(max(FILM_SECONDS, wall_clock_limit_seconds()))
        with drawing_limit("--film") as seconds:
            frames = make_film(replays(episodes), film, seconds)
        print(f"film: {film} ({frames / RATE:.0f} s, {film.stat().st_size / 1000:.0f} kB)")
