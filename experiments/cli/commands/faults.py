"""`plandrift agent faults`: a map of how an agent fails, and the test suite it has to pass."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.cli.options import (
    Horizon,
    Latency,
    PolicyName,
    Sets,
    Volatility,
    WallClockLimit,
    WorldName,
    gather,
)
from plandrift.experiments.cli.printing import print_caption, print_rows
from plandrift.experiments.statistics.text import interval_text
from plandrift.experiments.sweeps.wall_clock_limit import set_wall_clock_limit
from plandrift.sim import SettingError


def faults(
    world: WorldName,
    out: Annotated[Path, typer.Option(help="folder to write the map and the suite to")],
    policy: PolicyName = "plan-once",
    agent: Annotated[str, typer.Option(help="a program that plays instead of a policy: an MCP client")] = "",
    volatility: Volatility = None,
    latency: Latency = None,
    horizon: Horizon = None,
    sets: Sets = None,
    calibrated: Annotated[
        Path | None, typer.Option(help="a spec written by `calibrate`, whose settings are used in this world")
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            help="episodes at each of four volatilities; 100 if not given, 5 with --agent", min=1, max=100_000
        ),
    ] = None,
    count: Annotated[int, typer.Option(help="most faults to keep, worst first", min=1, max=1000)] = 20,
    episodes: Annotated[
        int | None,
        typer.Option(
            help="most episodes in all, those that shrink failures too; 200 with --agent, else any number",
            min=1,
        ),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="most seconds: no episode begins after that", min=1)
    ] = None,
    limit: Annotated[
        float, typer.Option(min=1, help="with --agent: limit in seconds for one episode")
    ] = 600.0,
    patience: WallClockLimit = None,
) -> None:
    """Search a world for the ways in which an agent fails.

    The results are a map of the faults and a suite of tests. Ctrl-C, or the end of --episodes or --seconds,
    keeps what was found by then.

    Example:
      plandrift agent faults records --policy gated --volatility 0.05 --latency 1 --seeds 20 --out faults
    """
    from plandrift.experiments.agents.faults.budget import INTERRUPTED, Budget
    from plandrift.experiments.agents.faults.page import faults_page, summary
    from plandrift.experiments.agents.faults.player import Player, ProgramPlayer, played_by_policy
    from plandrift.experiments.agents.faults.search import RUNGS, search
    from plandrift.experiments.agents.faults.suite import MAP, check_folder, names_of, write_suite
    from plandrift.experiments.cli.progress import EpisodeCount
    from plandrift.experiments.sweeps.calibrated import calibrated_settings
    from plandrift.experiments.sweeps.condition import condition, for_one_agent

    set_wall_clock_limit(patience)
    check_folder(out)
    settings = {} if calibrated is None else calibrated_settings(calibrated, world).settings
    settings |= gather(sets, volatility, latency, horizon)
    strange = [name for name in settings if name.startswith("policy.")]
    if strange:
        raise SettingError(
            f"{strange[0]}: a history cannot hold this policy: write it as --policy 'gated(checks=prepare)'"
        )
    one = for_one_agent(condition(world, policy, settings), "a history")
    speed = one.parts.world.volatility
    settings.pop("volatility", None)
    player: Player = ProgramPlayer(agent, limit) if agent else played_by_policy(policy)
    many = seeds or (5 if agent else 100)
    # An agent's program takes a second for what takes a policy a millisecond.
    rungs, tries = ((1.0,), 12) if agent else (RUNGS, None)
    most = episodes or (200 if agent else None)
    budget = Budget(most, seconds)
    with EpisodeCount("faults", most or 0) as tell:
        found = search(
            world,
            settings,
            speed,
            player,
            agent="the agent" if agent else policy,
            seeds=many,
            count=count,
            rungs=rungs,
            tries=tries,
            budget=budget,
            tell=tell,
        )
    write_suite(found, out, faults_page(found), policy, agent)
    names = names_of(found.entries)
    rows = [
        {
            "fault": entry.kind.title,
            "when": entry.kind.when,
            "failures": entry.count,
            "share of calls": interval_text(entry.share, 3),
            "first at": entry.first,
            "changes": len(entry.history.changes),
            "test": name.partition("-")[0] or "–",
        }
        for entry, name in zip(found.entries, names, strict=True)
    ]
    if rows:
        print_rows(rows)
    tests = sum(bool(name) for name in names)
    print_caption(
        [
            summary(found),
            f"wrote {tests} tests to {out} after {found.played} episodes: run them with pytest {out}, and "
            f"look at {out / MAP}",
        ]
    )
    if found.ended == INTERRUPTED:
        raise typer.Exit(130)
