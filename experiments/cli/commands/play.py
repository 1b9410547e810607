"""`plandrift agent play`: a person plays in the terminal, or an agent's program plays many seeds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.agents.play.player_session import FREE, PlayerSession, keep
from plandrift.experiments.cli.options import Horizon, Latency, Seed, Sets, Volatility, WorldName, gather
from plandrift.experiments.cli.play_options import GuardName, PaceText, TranscriptFile
from plandrift.experiments.sweeps.condition import condition
from plandrift.sim import PlandriftError, SettingError


def play(
    world: WorldName,
    guard: GuardName = "",
    seed: Seed = 0,
    volatility: Volatility = None,
    latency: Latency = None,
    horizon: Horizon = None,
    sets: Sets = None,
    pace: PaceText = "",
    name: Annotated[str, typer.Option(help="the agent's name in tables")] = "",
    agent: Annotated[
        str, typer.Option(help="a program that plays: an MCP client, such as 'python my_agent.py'")
    ] = "",
    seeds: Annotated[int, typer.Option(min=1, max=1_000_000, help="with --agent: seeds to play")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="with --agent: sessions to run at once")] = 1,
    limit: Annotated[
        float, typer.Option(min=1, help="with --agent: limit in seconds for one session")
    ] = 600.0,
    out: Annotated[Path | None, typer.Option(help="folder to keep the results in")] = None,
    transcript: TranscriptFile = None,
) -> None:
    """Play the agent yourself in the terminal, or let a program play.

    The world moves while you read. A program can play over many seeds.

    Example:
      plandrift agent play tickets --seed 7 --out mine
    """
    settings = gather(sets, volatility, latency, horizon)
    one = condition(world, guard or FREE, settings)
    if transcript is not None:
        # Imported here, because most sessions write none.
        from plandrift.experiments.agents.transcripts.export import check_transcript_path, export_transcript

        check_transcript_path(transcript)
        if seeds > 1:
            raise SettingError(name="--transcript", problem=f"= {transcript}", fix="play a single seed")
    if agent:
        player = PlayerSession(one, seed, name or "agent", pace or "fixed:0")
        _contest(player, agent, seeds, workers, limit, out, transcript)
        return
    if seeds > 1 or workers > 1:
        raise SettingError(
            name="--seeds", problem=f"= {seeds}", fix="give an --agent too: a person plays a single seed"
        )
    from plandrift.experiments.agents.play.person import play_lines

    player = PlayerSession(one, seed, name or "person", pace or "wall:0.1")
    session = player.begin()
    play_lines(session, _typed(), lambda line: print(line, flush=True))
    metrics = session.metrics
    print(
        f"{session.episode.end} at {metrics.duration:.2f}: goals met {metrics.goals_met:.0%}, "
        f"{metrics.steps_fired} calls, {metrics.misfires} misfires, {metrics.harm} harmful"
    )
    if transcript is not None:
        export_transcript(session.episode, transcript)
    if out is not None:
        keep(session, player, out)
        print(f"saved in {out}: watch it with plandrift replay --trace {out / 'trace.jsonl'}")


def _typed() -> Iterator[str]:
    """Yield the typed lines, with a prompt if the input is a terminal."""
    while True:
        if sys.stdin.isatty():
            print("> ", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            return
        yield line


def _contest(
    player: PlayerSession,
    agent: str,
    seeds: int,
    workers: int,
    limit: float,
    out: Path | None,
    transcript: Path | None,
) -> None:
    from plandrift.experiments.agents.play.contest import contest

    if out is None:
        raise SettingError(name="--out", problem="is missing", fix="give a folder for the results")
    if player.seed:
        raise SettingError(
            name="--seed", problem=f"= {player.seed}", fix="give --seeds instead: they count from 0"
        )
    sessions = [PlayerSession(player.condition, number, player.name, player.pace) for number in range(seeds)]
    lost = contest(agent, sessions, out, workers=workers, limit=limit, transcript=transcript, tell=print)
    if lost:
        raise PlandriftError(
            f"--agent {agent}: {lost} of {seeds} sessions could not be played: see {out}/sessions"
        )
    print(f"results: {out}")
