"""`plandrift explore`: an interactive page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from plandrift.experiments.cli.completion import world_names
from plandrift.experiments.cli.options import Sets, gather
from plandrift.experiments.cli.progress import Display
from plandrift.experiments.pages.explore import CREWS, NEEDED, TIMES, PageChoices, explore_page
from plandrift.experiments.pages.page import check_page, write_page
from plandrift.experiments.sweeps.plain_values import in_order
from plandrift.experiments.sweeps.spec import Spec, read_spec
from plandrift.experiments.sweeps.values import positive
from plandrift.sim import SettingError
from plandrift.sim.settings.real_time import number_of

AXES = {"volatility": "volatility", "channel.latency": "latency", "agent.thinking_time": "thinking"}


def explore(
    out: Annotated[Path, typer.Option(help="file to write the page to")] = Path("explore.html"),
    world: Annotated[
        str,
        typer.Option(
            help="a world from `plandrift list worlds`, or package.module:Name", autocompletion=world_names
        ),
    ] = "records",
    spec: Annotated[
        Path | None, typer.Option(help="a sweep's TOML file, whose values the page offers")
    ] = None,
    seeds: Annotated[int, typer.Option(help="episodes behind each curve", min=2, max=1_000_000)] = 200,
    workers: Annotated[int, typer.Option(help="processes", min=1, max=512)] = 2,
    sets: Sets = None,
) -> None:
    """Write a page with sliders that show what each setting does.

    It is a single file that anyone can open with a double click.

    Example:
      plandrift explore --world telegraph --seeds 20
    """
    check_page(out)
    settings = gather(sets)
    grid = (
        PageChoices(
            world=world,
            many=seeds,
            settings=TIMES | settings,
            crews=CREWS if world == PageChoices.world else (),
        )
        if spec is None
        else grid_of(read_spec(spec)[0], settings, seeds)
    )
    with Display("explore") as display:
        text = explore_page(grid, workers, display)
    write_page(out, text)
    print(f"page: {out} ({len(text.encode()) / 1e6:.2f} MB)")


def grid_of(spec: Spec, settings: dict[str, Any], seeds: int) -> PageChoices:
    """Take the page's choices from a sweep's values.

    Raises:
        SettingError: the spec varies a setting that the page has no control for, or names no world.
    """
    if spec.world is None:
        raise SettingError('--spec: the page shows one world: give world = "records"')
    given = spec.grid
    strange = [name for name in given if name not in (*AXES, "policy")]
    if strange or spec.zip or spec.random is not None:
        name = strange[0] if strange else "[zip]" if spec.zip else "[random]"
        raise SettingError(f"--spec: {name} has no control on the page: move it to [fixed]")
    chosen: dict[str, Any] = {
        field: in_order(number_of(value) for value in given[name])
        for name, field in AXES.items()
        if name in given
    }
    if len(chosen.get("latency", (0, 1))) < 2:
        raise SettingError("--spec: the page compares latencies: give channel.latency at least two values")
    if "policy" in given:
        names = list(dict.fromkeys(["plan-once", *given["policy"], *NEEDED]))
        chosen["policies"] = names
    if spec.horizon is not None:
        chosen["horizon"] = positive(spec.horizon, "horizon")
    return PageChoices(world=spec.world, many=seeds, settings=TIMES | spec.fixed | settings, **chosen)
