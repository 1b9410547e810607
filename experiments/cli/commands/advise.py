"""`plandrift agent advise`: which guard to build, and how certain that advice is."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from plandrift.experiments.cli.options import Sets, gather, names
from plandrift.experiments.cli.printing import print_caption, print_rows
from plandrift.experiments.sweeps.calibrated import calibrated_settings
from plandrift.sim import Channel, SettingError, plain
from plandrift.sim.settings.real_time import RATE_USAGE, USAGE, number_of
from plandrift.sim.terms.errors import nearest

if TYPE_CHECKING:
    from plandrift.experiments.agents.advise.advice import Advice
    from plandrift.experiments.agents.advise.system import Span

TELEGRAPH = "telegraph"
FORMS = ("text", "json")
SHOWN = (
    *("guard", "cost", "low", "high", "above", "misfires", "unmet", "replans", "cut off", "seeds"),
    "verdict",
)
"""The columns of the table on a terminal; --format json prints all of them."""


def advise(
    changes: Annotated[
        str | None, typer.Option(help="how often one thing changes: 3 per hour per file, 1 to 5 per hour")
    ] = None,
    think: Annotated[str | None, typer.Option(help="time to make a plan: 5s, 3s to 8s")] = None,
    tool: Annotated[
        str | None, typer.Option(help="duration of a call, which takes effect half-way: 2s")
    ] = None,
    read: Annotated[
        str | None, typer.Option(help="duration of a fresh read; same as a call if not given")
    ] = None,
    news: Annotated[
        str | None, typer.Option(help="delay until the agent hears of a change; it never does if not given")
    ] = None,
    steps: Annotated[int, typer.Option(help="steps in a plan", min=1, max=1000)] = 10,
    reads_per_step: Annotated[int, typer.Option(help="things that each step depends on", min=1, max=100)] = 1,
    world: Annotated[
        str | None, typer.Option(help="the world to try it in; independent things if not given")
    ] = None,
    calibrated: Annotated[
        Path | None, typer.Option(help="a spec written by `calibrate`, instead of the numbers above")
    ] = None,
    sets: Sets = None,
    agents: Annotated[
        str | None,
        typer.Option(
            metavar="N..M", help="compare crews of so many agents, and ways to coordinate them, not guards"
        ),
    ] = None,
    shared_files: Annotated[
        int, typer.Option(help="with --agents: files that all tasks share", min=1, max=10_000)
    ] = 100,
    cost_misfire: Annotated[float, typer.Option(help="cost of a call that misfires", min=0)] = 50.0,
    cost_harm: Annotated[
        float | None,
        typer.Option(help="cost of a call that does harm; same as a misfire if not given", min=0),
    ] = None,
    cost_unmet: Annotated[
        float | None, typer.Option(help="cost of a goal not met; same as a misfire if not given", min=0)
    ] = None,
    cost_false_block: Annotated[float, typer.Option(help="cost of blocking a correct call", min=0)] = 1.0,
    cost_refusal: Annotated[float, typer.Option(help="cost of a call that the world refuses", min=0)] = 1.0,
    cost_read: Annotated[float, typer.Option(help="cost of a fresh read", min=0)] = 0.0,
    cost_replan: Annotated[float, typer.Option(help="cost of each plan after the first", min=0)] = 2.0,
    cost_time: Annotated[float, typer.Option(help="cost of each second", min=0)] = 0.0,
    without: Annotated[
        str, typer.Option(help="guards that you cannot build, separated by commas: if-match,look-first")
    ] = "",
    indifference: Annotated[
        float | None,
        typer.Option(
            help="cost difference that does not matter; 5 % of the cost without a guard if not given", min=0
        ),
    ] = None,
    episodes: Annotated[
        int,
        typer.Option(help="most episodes to run where closed forms do not apply", min=1000, max=10_000_000),
    ] = 6000,
    seed: Annotated[int, typer.Option(help="seed for the draws from uncertain numbers", min=0)] = 0,
    workers: Annotated[int, typer.Option(help="processes", min=1, max=512)] = 2,
    report: Annotated[Path | None, typer.Option(help="file to write a page to: .html")] = None,
    figure: Annotated[
        Path | None, typer.Option(help="file to draw the result to: .png, .svg or .pdf")
    ] = None,
    emit: Annotated[
        Path | None,
        typer.Option(
            help="guard.toml to write with that policy, in shadow; in an existing one only the policy changes"
        ),
    ] = None,
    form: Annotated[str, typer.Option("--format", help="text or json")] = "text",
) -> None:
    """Recommend which guard your agent needs, and say what it costs.

    It also says where the choice flips, and which number is worth measuring better.

    One unit of time is a second. A number may be a range ("3s to 8s"), from which values are then drawn.
    With --agents, it compares crews of agents that share files and each do one task at a time, by right tasks
    per time. News comes at once if --news is not given, and --without takes coordinations.

    Example:
      plandrift agent advise --changes "3 per hour per file" --think 5s --tool 2s --steps 12
    """
    from plandrift.experiments.agents.advise.advice import advise as advised
    from plandrift.experiments.agents.advise.prices import Prices
    from plandrift.experiments.agents.advise.system import Span, UserSystem
    from plandrift.experiments.cli.crew_advice import (
        counts_of,
        crew_settings,
        print_crew_advice,
        refuse_with_agents,
    )
    from plandrift.experiments.cli.progress import EpisodeCount
    from plandrift.experiments.figures.style import check_path, save
    from plandrift.experiments.pages.page import check_page, write_page
    from plandrift.experiments.sweeps.workers import end, processes

    if form not in FORMS:
        raise SettingError(f"--format {form}: {nearest(form, FORMS)}")
    if agents is not None:
        refuse_with_agents(
            {"--world": world, "--calibrated": calibrated, "--report": report, "--figure": figure}
            | {"--emit": emit, "--indifference": indifference}
        )
    if report is not None:
        check_page(report, "--report")
    if emit is not None and emit.suffix != ".toml":
        raise SettingError(f"--emit {emit}: end its name in .toml")
    if figure is not None:
        check_path(figure, "--figure")
    if indifference == 0:
        raise SettingError(
            "--indifference 0: give a cost above 0: otherwise equal guards could never be decided"
        )
    prices = Prices(
        misfire=cost_misfire,
        harm=cost_harm,
        unmet=cost_unmet,
        false_block=cost_false_block,
        refusal=cost_refusal,
        read=cost_read,
        replan=cost_replan,
        time=cost_time,
    )
    settings: dict[str, Any] = {}
    spans: dict[str, Span] = {}
    if calibrated is not None:
        world, settings, intervals = calibrated_settings(calibrated, world)
        spans = {name: Span(low, high) for name, (low, high) in intervals.items()}
        settings = {name: value for name, value in settings.items() if name not in {*spans, "horizon"}}
    world = world or TELEGRAPH
    given = {"volatility": changes, "agent.thinking_time": think, "agent.step_duration": tool}
    given |= {"agent.read_latency": read, "channel.latency": news}
    for name, text in given.items():
        if text is not None:
            settings.pop(name, None)
            spans.pop(name, None)
            _take(name, text, settings, spans)
    if agents is not None:
        counts = counts_of(agents)
        for name in spans:
            option = {setting: option for option, setting in OPTIONS.items()}[name]
            raise SettingError(f"{option} {given[name]}: with --agents, give one number, not a range")
        chosen = crew_settings(settings, gather(sets), counts, steps, reads_per_step, shared_files)
        print_crew_advice(chosen, counts, names(without), episodes, workers, form)
        return
    tied: dict[str, tuple[str, float]] = {}
    if calibrated is None:
        tied = _tied(tool, read)
        _fill(settings, spans, news, steps if world == TELEGRAPH else None, reads_per_step)
        if world != TELEGRAPH and (steps, reads_per_step) != (10, 1):
            raise SettingError(
                f"--steps, --reads-per-step: the world {world} sets these itself: leave them out"
            )
    besides = gather(sets)
    silent = calibrated is None and news is None and "channel.loss" not in besides
    for name, value in besides.items():
        wrong = _tie(name, given, tied, silent)
        if wrong:
            raise SettingError(f"--set {name}={value}: {wrong}")
        spans.pop(name, None)
        settings[name] = value
    system = UserSystem(world, settings, spans, seed, tied)
    pool = processes(workers)
    try:
        with EpisodeCount(f"advise, {episodes} at most") as tell:
            found = advised(
                system,
                prices,
                zone=indifference,
                budget=episodes,
                without=names(without),
                pool=pool,
                tell=tell,
                say=lambda line: print(f"advise: {line}", file=sys.stderr, flush=True),
            )
    finally:
        end(pool)
    if report is not None:
        from plandrift.experiments.agents.advise.page import advice_page

        write_page(report, advice_page(found), "--report")
    if figure is not None:
        from plandrift.experiments.agents.advise.figure import advice_figure, headline

        save(advice_figure(found, headline(found)), figure, "--figure")
    if emit is not None:
        from plandrift.experiments.agents.guard.first_settings import FirstFile, advised_text

        there = emit.read_text(encoding="utf-8") if emit.exists() else ""
        FirstFile(emit, advised_text(found.best.guard.policy, there)).write()
    _print(found, form)


def _take(name: str, text: str, settings: dict[str, Any], spans: dict[str, Span]) -> None:
    """Parse one of the numbers given in words: a value, or an interval."""
    from plandrift.experiments.agents.advise.system import Span

    span = Span.parse(text)
    if span is not None:
        spans[name] = span
        return
    known = number_of(text)
    try:
        float(known)  # type: ignore[arg-type]
    except ValueError:
        if "(" not in text or name == "volatility":
            usage = RATE_USAGE if name == "volatility" else USAGE
            option = {v: k for k, v in OPTIONS.items()}[name]
            raise SettingError(
                f"{option} {text}: give {usage}, or a range such as {EXAMPLES[option]}"
            ) from None
    settings[name] = text


OPTIONS = {
    "--changes": "volatility",
    "--think": "agent.thinking_time",
    "--tool": "agent.step_duration",
    "--read": "agent.read_latency",
    "--news": "channel.latency",
}
EXAMPLES = dict.fromkeys(OPTIONS, '"3s to 8s"') | {"--changes": '"1 to 5 per hour"'}


def _fill(
    settings: dict[str, Any],
    spans: dict[str, Span],
    news: str | None,
    steps: int | None,
    reads_per_step: int,
) -> None:
    """Fill in what follows from the numbers given.

    Raises:
        SettingError: nothing says how often things change.
    """
    if "volatility" not in settings and "volatility" not in spans:
        raise SettingError(f"--changes: say how often one thing changes, {RATE_USAGE}, or give --calibrated")
    if news is None:
        settings["channel.loss"] = 1.0
    if steps is not None:
        # With many possible values, a thing seldom returns to an earlier one, so every change makes a
        # difference.
        settings |= {"world.values": 1000, "world.steps": steps, "world.requires": reads_per_step}


def _tied(tool: str | None, read: str | None) -> dict[str, tuple[str, float]]:
    """Return the settings that follow from a call's duration: it lands half-way, and a read takes as long."""
    if tool is None:
        return {}
    tied = {"agent.action_latency": ("agent.step_duration", 0.5)}
    return tied if read is not None else tied | {"agent.read_latency": ("agent.step_duration", 1.0)}


def _tie(
    name: str, given: Mapping[str, str | None], tied: Mapping[str, tuple[str, float]], silent: bool
) -> str:
    """Return the option that a `--set` contradicts and what to give instead; empty if none."""
    option = {setting: option for option, setting in OPTIONS.items()}.get(name)
    if option is not None and given[name] is not None:
        return f"{option} already sets this: leave one of the two out"
    if name in tied:
        if option is not None:
            return f"--tool already sets this, because a read takes as long as a call: give {option}"
        return (
            "--tool already sets this, because a call lands half-way: leave --tool out, and --set "
            "agent.step_duration as well"
        )
    if silent and name in {f"channel.{field.name}" for field in fields(Channel)}:
        return "it has no effect without --news, because the agent hears nothing: give --news"
    return ""


def _print(found: Advice, form: str) -> None:
    from plandrift.experiments.agents.advise.answer import (
        flip,
        flips,
        notes,
        recommendation,
        settles,
    )
    from plandrift.experiments.agents.advise.rows import as_object, rows

    if form == "json":
        print(json.dumps(plain(as_object(found)), indent=1))
        return
    print(recommendation(found))
    print()
    print_rows([{name: row[name] for name in SHOWN if name in row} for row in rows(found)])
    lines = [flip(line) for line in flips(found)]
    print_caption([*notes(found), settles(found)])
    if lines:
        print("\nWhere the choice flips when one number changes (its current value in brackets):")
        for line in lines:
            print(f"  {line}")
