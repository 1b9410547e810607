"""`plandrift agent serve`: a session as an MCP server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.agents.play.player_session import FREE, PlayerSession
from plandrift.experiments.cli.options import Horizon, Latency, Seed, Sets, Volatility, WorldName, gather
from plandrift.experiments.cli.play_options import GuardName, PaceText, TranscriptFile
from plandrift.experiments.sweeps.condition import condition
from plandrift.sim import Session, SettingError


def serve(
    world: WorldName,
    guard: GuardName = "",
    seed: Seed = 0,
    volatility: Volatility = None,
    latency: Latency = None,
    horizon: Horizon = None,
    sets: Sets = None,
    pace: PaceText = "fixed:0",
    name: Annotated[str, typer.Option(help="the agent's name in tables")] = "agent",
    out: Annotated[Path | None, typer.Option(help="keep trace, record and outcome in this folder")] = None,
    http: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="serve over HTTP, not stdio; port 0 picks a free one"),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="with --http: number of sessions, one per seed")] = 1,
    token: Annotated[
        str | None, typer.Option(help="with --http: token that clients must send; generated if not given")
    ] = None,
    anywhere: Annotated[
        bool, typer.Option("--anywhere", help="with --http: allow a host other than this machine")
    ] = False,
    idle: Annotated[
        float, typer.Option(min=0.1, help="seconds without a call after which a session ends")
    ] = 600.0,
    transcript: TranscriptFile = None,
) -> None:
    """Let an agent play over MCP: one tool for each action.

    Example:
      plandrift agent serve tickets --volatility 0.05 --seed 7 --http 127.0.0.1:0 --idle 1
    """
    from plandrift.experiments.agents.play.server import ServedSession, sdk, serve_stdio

    settings = gather(sets, volatility, latency, horizon)
    one = condition(world, guard or FREE, settings)
    sessions = [PlayerSession(one, number, name, pace) for number in range(seed, seed + seeds)]

    if transcript is not None:
        # Imported here, because most sessions write none.
        from plandrift.experiments.agents.transcripts.export import check_transcript_path, export_transcript

        check_transcript_path(transcript)
        if seeds > 1:
            raise SettingError(name="--transcript", problem=f"= {transcript}", fix="serve a single seed")

    def tell(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    def ended(session: Session) -> None:
        if transcript is not None:
            export_transcript(session.episode, transcript)

    if http is None:
        sdk("anyio").run(serve_stdio, ServedSession(sessions[0], out, tell, ended), idle)
        return
    from plandrift.experiments.agents.play.http import address, serve_http

    folders = [None if out is None else out / f"seed-{player.seed}" for player in sessions]
    served_sessions = [
        ServedSession(player, folder, tell, ended) for player, folder in zip(sessions, folders, strict=True)
    ]
    host, port = address(http, anywhere)
    sdk("anyio").run(serve_http, served_sessions, host, port, token, idle, tell)
