"""`plandrift run`: one episode as a table, JSON, a trace or a figure."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.table import Table

from plandrift.experiments.cli.completion import metric_names
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
    WorldName,
    gather,
    names,
)
from plandrift.experiments.cli.printing import SafeConsole, wide_console
from plandrift.experiments.statistics.text import short_ids, shown
from plandrift.experiments.statistics.visible import on_one_line
from plandrift.experiments.sweeps.condition import condition, for_one_agent
from plandrift.experiments.sweeps.names import planner_named
from plandrift.experiments.sweeps.wall_clock_limit import set_wall_clock_limit
from plandrift.sim import (
    METRICS,
    Description,
    Episode,
    PlandriftError,
    SettingError,
    StepRecord,
    Streams,
    plain,
    write_lines,
)
from plandrift.sim.companions.planning import BUDGET_SPENT
from plandrift.sim.engine.agent_state import PLANLESS
from plandrift.sim.measure.metrics import CREW
from plandrift.sim.settings.real_time import unit_of
from plandrift.sim.terms.errors import nearest

SIX = "plan_staleness,first_misfires,harm,replans,goals_met,duration"
"""The metrics printed below an episode by default."""

SIX_OF_CREW = "right_tasks,right_rate,speedup,misfires,lost_updates,duration"
"""The metrics printed below a crew's episode by default."""

COLUMNS = 80
"""The width of the output where there is no terminal."""


def run(
    world: WorldName,
    policy: PolicyName = "plan-once",
    seed: Seed = 0,
    agents: Agents = None,
    coordination: Coordination = None,
    volatility: Volatility = None,
    latency: Latency = None,
    horizon: Horizon = None,
    sets: Sets = None,
    oracle: Annotated[bool, typer.Option("--oracle", help="observe and plan without any delay")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
    trace: Annotated[Path | None, typer.Option(help="file to write every event to, as JSON lines")] = None,
    figure: Annotated[
        Path | None, typer.Option(help="file to draw the episode to: .png, .svg or .pdf")
    ] = None,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="world `recorded`: skip rows that cannot be read")
    ] = False,
    find: Annotated[
        bool,
        typer.Option(
            "--find", help="world `recorded`: choose a seed and a volatility at which others interfere"
        ),
    ] = False,
    planner: Annotated[
        str | None, typer.Option(help="a function that replaces the world's planner: package.module:name")
    ] = None,
    transcript: Annotated[
        Path | None, typer.Option(help="file to write a Claude Code session to, for `import`: .jsonl")
    ] = None,
    narrate: Annotated[bool, typer.Option("--narrate", help="tell the episode in words")] = False,
    wide: Annotated[
        bool, typer.Option("--wide", help="show everything known about each step, in wide rows")
    ] = False,
    metrics: Annotated[
        str | None,
        typer.Option(
            help="the metrics to print below: names separated by commas, or all", autocompletion=metric_names
        ),
    ] = None,
    patience: WallClockLimit = None,
) -> None:
    """Run one episode: one row per step, then its metrics.

    For a crew (--agents 2 or more), one row per agent.

    Example:
      plandrift run files --policy gated --transcript session.jsonl
      plandrift run records --policy gated --volatility 0.05 --latency 1 --seed 7
      plandrift run ledger --agents 8 --coordination step-lock --policy gated
    """
    set_wall_clock_limit(patience)
    chosen = None if metrics is None else _chosen(metrics)
    settings = gather(sets, volatility, latency, horizon, agents, coordination)
    if skip_bad_rows:
        settings["world.skip_bad_rows"] = True
    if "seed" in settings:
        seed = _seed(settings.pop("seed"))
    made = condition(world, policy, settings, oracle=oracle)
    if find:
        from plandrift.worlds.recorded import Recorded

        found = made.parts.world
        if not isinstance(found, Recorded) or volatility is not None or seed:
            raise PlandriftError(
                "--find works in the world recorded and chooses --seed and --volatility: leave these out, "
                "or --find"
            )
        seed, found, how = found.found()
        made = condition(world, policy, settings | {"volatility": found.volatility}, oracle=oracle)
        print(on_one_line(f"--seed {seed} --volatility {found.volatility:g}: {how}."), file=sys.stderr)
    if trace is not None and not trace.parent.is_dir():
        raise PlandriftError(f"--trace {trace}: there is no folder {trace.parent}: make it first")
    if transcript is not None:
        # Imported here, because most runs write none.
        from plandrift.experiments.agents.transcripts.export import check_transcript_path, export_transcript

        check_transcript_path(transcript)
    if figure is not None:
        # Imported here, because Matplotlib takes longer to load than most episodes take to run.
        from plandrift.experiments.figures.style import check_path

        check_path(figure, "--figure")
    if figure is not None or transcript is not None:
        for_one_agent(made, "--figure" if figure is not None else "--transcript")
    traced = trace is not None or figure is not None or narrate or transcript is not None
    own = None if planner is None else planner_named(planner)
    episode = made.run(seed, trace=traced, planner=own)
    if trace is not None:
        write_lines(episode.trace, trace)
    if transcript is not None:
        export_transcript(episode, transcript)
    if figure is not None:
        from plandrift.experiments.figures.timeline import draw_timeline

        with drawing_limit("--figure"):
            draw_timeline(episode, figure)
    if as_json:
        print(json.dumps(as_object(episode, world)))
    elif narrate:
        from plandrift.experiments.playback.narrative import narrate as story

        for line in story(episode):
            print(on_one_line(line))
    else:
        in_seconds = any(isinstance(value, str) and unit_of(value) for value in settings.values())
        _print(episode, in_seconds, wide, chosen)
        scene = made.parts.world.begin(Streams(seed), made.parts.horizon)
        remark = Description.of(scene).remark(episode.metrics)
        if remark:
            print("\n" + on_one_line(f"{remark[:1].upper()}{remark[1:]}."))
    if episode.reason.startswith(PLANLESS) and not episode.metrics.success:
        spent = episode.reason == f"{PLANLESS}: {BUDGET_SPENT}"
        fix = "raise world.budget, or name another world.planner" if spent else "look at its goals"
        raise PlandriftError(f"{world}: {episode.reason}, throughout the episode: {fix}")


def as_object(episode: Episode, world: str) -> dict[str, object]:
    """Return the episode as one JSON object."""
    agents = [
        {"policy": one.policy.name, "end": one.end, "metrics": plain(one.metrics.row())}
        for one in episode.agents
    ]
    return {
        "world": world,
        "policy": episode.policy.name,
        "seed": episode.seed,
        "end": episode.end,
        "reason": episode.reason,
        "settings": plain(episode.settings),
        "metrics": plain(episode.metrics.row()),
        "steps": plain([step.row() for step in episode.steps]),
    } | ({"agents": agents} if agents else {})


def _seed(text: object) -> int:
    try:
        return int(str(text))
    except ValueError:
        raise PlandriftError(f"seed = {text!r}: give a whole number of at least 0") from None


def _print_steps(console: SafeConsole, episode: Episode) -> None:
    """Print one row per step, no wider than the console: the call's values and why it failed."""
    rows = [
        (
            str(number),
            f"{step.time:.2f}",
            f"{step.staleness:.0%}",
            on_one_line(
                short_ids(f"{step.call.action}({', '.join(str(value) for _, value in step.call.args)})")
            ),
            step.outcome,
            on_one_line(why(step)),
        )
        for number, step in enumerate(episode.steps, 1)
    ]
    headings = ("", "time", "stale", "call", "outcome", "why")
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    room = console.width - sum(widths) + widths[3] + widths[5] - len(widths)
    if widths[3] + widths[5] > room:
        widths[5] = min(widths[5], max(room - widths[3], room // 3))
        widths[3] = room - widths[5]
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0), show_edge=False)
    for heading, width in zip(headings, widths, strict=True):
        justify: Literal["left", "right"] = "right" if heading in headings[:3] else "left"
        table.add_column(heading, justify=justify, no_wrap=True, overflow="ellipsis", width=width)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def why(step: StepRecord) -> str:
    """Describe in a few words what went wrong in a step; empty if nothing did."""
    moved = step.violated[0][0] if step.violated else ""
    if len(step.violated) > 1:
        moved += f" +{len(step.violated) - 1}"
    if step.mismatch:
        planned, made = step.planned, dict(step.call.args)
        if planned.action != step.call.action:
            return f"planned: {planned}"
        return "planned: " + ", ".join(f"{k}={v}" for k, v in planned.args if made.get(k) != v)
    if step.failure is None:
        return f"stale: {moved}" if moved else ""
    cause = step.failure.cause.replace("_", " ")
    return moved or cause if cause.startswith("drift") else cause


def _print_wide(console: SafeConsole, episode: Episode) -> None:
    table = Table(box=None, header_style="bold", padding=(0, 1), show_edge=False)
    right = ("", "time", "step", "plan", "age", "stale", "direct", "perceived", "version")
    for heading in (*right[:3], "call", *right[3:], "violated (since)", "verdict", "outcome", "reported"):
        table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    for number, step in enumerate(episode.steps, 1):
        table.add_row(
            str(number),
            f"{step.time:.2f}",
            str(step.step + 1),
            on_one_line(short_ids(str(step.call) + (f" [planned: {step.planned}]" if step.mismatch else ""))),
            str(step.plan),
            f"{step.plan_age:.2f}",
            *(f"{share:.2f}" for share in (step.staleness, step.direct, step.perceived, step.version)),
            on_one_line(", ".join(f"{fluent} ({since:.2f})" for fluent, since in step.violated)) or "–",
            step.verdict,
            step.outcome,
            step.reported or "nothing",
        )
    console.print(table)


def _print_agents(console: SafeConsole, episode: Episode) -> None:
    """Print one row per agent of a crew."""
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0), show_edge=False)
    columns = ("right_tasks", "steps_fired", "misfires", "lost_updates", "refused", "lock_time", "replans")
    table.add_column("agent", justify="right")
    for name in ("policy", "end"):
        table.add_column(name, no_wrap=True)
    for name in columns:
        table.add_column(name.replace("_", " "), justify="right")
    for number, one in enumerate(episode.agents):
        row = one.metrics.row()
        table.add_row(str(number), one.policy.name, one.end, *(shown(row[name]) for name in columns))
    console.print(table)


def _chosen(asked: str) -> list[str]:
    """Return the metrics that were asked for, or an empty list if all were."""
    chosen = [] if asked == "all" else names(asked)
    for name in chosen:
        if name not in METRICS:
            raise SettingError(f"--metrics {name}: {nearest(name, METRICS)}")
    return chosen


def _print_metrics(console: SafeConsole, episode: Episode, chosen: list[str], columns: int) -> None:
    values = episode.metrics.row()
    if not chosen:
        chosen = [name for name in values if values[name] or not name.startswith(("cause_", "mast_"))]
        chosen = [name for name in chosen if episode.agents or name not in CREW]
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), show_edge=False)
    cells = [cell for name in chosen for cell in (name, shown(values[name]))]
    for start in range(0, len(cells), 2 * columns):
        table.add_row(*cells[start : start + 2 * columns])
    console.print(table)


def _print(episode: Episode, in_seconds: bool, wide: bool, asked: list[str] | None) -> None:
    console = wide_console()
    if not wide and not console.is_terminal:
        console = SafeConsole(width=COLUMNS)
    crew = len(episode.agents) > 1
    chosen = names(SIX_OF_CREW if crew else SIX) if asked is None else asked
    (_print_agents if crew else _print_wide if wide else _print_steps)(console, episode)
    reason = f" ({episode.reason})" if episode.reason else ""
    console.print(
        f"\n{episode.policy.name} on seed {episode.seed}: {episode.end}{reason} "
        f"at {episode.metrics.duration:.2f}" + (" s; all times are in seconds" if in_seconds else "")
    )
    _print_metrics(console, episode, chosen, 4 if wide else 3 if 0 < len(chosen) <= 6 else 2)
