"""`plandrift run`: one episode as a table, as JSON, as a trace, as a figure."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

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
from plandrift.experiments.cli.printing import wide_console
from plandrift.experiments.statistics.text import short_ids
from plandrift.experiments.sweeps.condition import condition
from plandrift.experiments.sweeps.names import planner_named
from plandrift.experiments.sweeps.wall_clock_limit import set_wall_clock_limit
from plandrift.sim import Description, Episode, PlandriftError, Streams, plain, write_lines
from plandrift.sim.engine.agent_state import PLANLESS
from plandrift.sim.settings.real_time import unit_of


def run(
    world: WorldName,
    policy: PolicyName = "plan-once",
    seed: Seed = 0,
    volatility: Volatility = None,
    latency: Latency = None,
    horizon: Horizon = None,
    sets: Sets = None,
    oracle: Annotated[bool, typer.Option("--oracle", help="no latency, no thinking time")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
    trace: Annotated[Path | None, typer.Option(help="write every event as JSON lines")] = None,
    figure: Annotated[Path | None, typer.Option(help="draw the episode: .png, .svg or .pdf")] = None,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="world.skip_bad_rows of the world `recorded`")
    ] = False,
    planner: Annotated[
        str | None, typer.Option(help="plan in place of the world: package.module:name of a function")
    ] = None,
    transcript: Annotated[
        Path | None, typer.Option(help="write it as a session file of Claude Code: .jsonl, for `import`")
    ] = None,
    narrate: Annotated[bool, typer.Option("--narrate", help="tell the episode in words")] = False,
    patience: WallClockLimit = None,
) -> None:
    """Run one episode, and print each step fired and the episode's figures.

    Example:
      plandrift run files --policy gated --transcript session.jsonl
      plandrift run records --policy gated --volatility 0.05 --latency 1 --seed 7
    """
    set_wall_clock_limit(patience)
    settings = gather(sets, volatility, latency, horizon)
    if skip_bad_rows:
        settings["world.skip_bad_rows"] = True
    if "seed" in settings:
        seed = _seed(settings.pop("seed"))
    made = condition(world, policy, settings, oracle=oracle)
    if trace is not None and not trace.parent.is_dir():
        raise PlandriftError(f"--trace {trace}: there is no folder {trace.parent}: make it first")
    if transcript is not None and not transcript.parent.is_dir():
        raise PlandriftError(f"--transcript {transcript}: there is no folder {transcript.parent}")
    if figure is not None:
        # Matplotlib takes longer to load than most episodes to run.
        from plandrift.experiments.figures.style import check_path

        check_path(figure, "--figure")
    traced = trace is not None or figure is not None or narrate or transcript is not None
    own = None if planner is None else planner_named(planner)
    episode = made.run(seed, trace=traced, planner=own)
    if trace is not None:
        write_lines(episode.trace, trace)
    if transcript is not None:
        from plandrift.experiments.agents.transcripts.export import export_transcript

        export_transcript(episode, transcript)
    if figure is not None:
        from plandrift.experiments.figures.timeline import draw_timeline

        draw_timeline(episode, figure)
    if as_json:
        print(json.dumps(as_object(episode, world)))
    elif narrate:
        from plandrift.experiments.playback.narrative import narrate as story

        for line in story(episode):
            print(line)
    else:
        _print(episode, any(isinstance(value, str) and unit_of(value) for value in settings.values()))
        scene = made.parts.world.begin(Streams(seed), made.parts.horizon)
        remark = Description.of(scene).remark(episode.metrics)
        if remark:
            print(f"\n{remark[:1].upper()}{remark[1:]}.")
    if episode.reason.startswith(PLANLESS) and not episode.metrics.success:
        spent = "spent" in episode.reason
        fix = "raise world.budget, or name another world.planner" if spent else "look at its goals"
        raise PlandriftError(f"{world}: {episode.reason}, in the whole episode: {fix}")


def as_object(episode: Episode, world: str) -> dict[str, object]:
    """The episode as one JSON object."""
    return {
        "world": world,
        "policy": episode.policy.name,
        "seed": episode.seed,
        "end": episode.end,
        "reason": episode.reason,
        "settings": plain(episode.settings),
        "metrics": plain(episode.metrics.row()),
        "steps": plain([step.row() for step in episode.steps]),
    }


def _seed(text: object) -> int:
    try:
        return int(str(text))
    except ValueError:
        raise PlandriftError(f"seed = {text!r}: give a whole number of at least 0") from None


def _print(episode: Episode, in_seconds: bool) -> None:
    console = wide_console()
    table = Table(box=None, header_style="bold", padding=(0, 1), show_edge=False)
    right = ("time", "step", "plan", "age", "stale", "direct", "perceived", "version")
    for heading in (*right[:2], "call", *right[2:], "violated (since)", "verdict", "outcome", "reported"):
        table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    for step in episode.steps:
        table.add_row(
            f"{step.time:.2f}",
            str(step.step),
            short_ids(str(step.call) + (f" [planned: {step.planned}]" if step.mismatch else "")),
            str(step.plan),
            f"{step.plan_age:.2f}",
            *(f"{share:.2f}" for share in (step.staleness, step.direct, step.perceived, step.version)),
            ", ".join(f"{fluent} ({since:.2f})" for fluent, since in step.violated) or "–",
            step.verdict,
            step.outcome,
            step.reported or "nothing",
        )
    console.print(table)
    reason = f" ({episode.reason})" if episode.reason else ""
    console.print(
        f"\n{episode.policy.name} on seed {episode.seed}: {episode.end}{reason} "
        f"at {episode.metrics.duration:.2f}" + (" s; all times are in seconds" if in_seconds else "")
    )
    figures = Table(box=None, show_header=False, padding=(0, 2), show_edge=False)
    row: list[str] = []
    for name, value in episode.metrics.row().items():
        if name.startswith(("cause_", "mast_")) and not value:
            continue
        shown = "–" if isinstance(value, float) and math.isnan(value) else f"{value:.4g}"
        row += [name, shown]
        if len(row) == 8:
            figures.add_row(*row)
            row = []
    if row:
        figures.add_row(*row)
    console.print(figures)
