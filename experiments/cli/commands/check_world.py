"""`plandrift check-world`: what a world of one's own must keep."""

from __future__ import annotations

from typing import Annotated

import typer

from plandrift.experiments.cli.completion import world_names
from plandrift.experiments.cli.options import Sets, WallClockLimit, gather
from plandrift.experiments.cli.promises import print_findings
from plandrift.experiments.sweeps.condition import condition
from plandrift.experiments.sweeps.wall_clock_limit import set_wall_clock_limit
from plandrift.experiments.testing.check_world import check_world
from plandrift.sim import PlandriftError


def check_world_command(
    world: Annotated[
        str,
        typer.Argument(
            help="package.module:Name, or a world of `plandrift worlds`", autocompletion=world_names
        ),
    ],
    volatilities: Annotated[
        str | None, typer.Option(help="a slow, a middling and a fast one, with commas between")
    ] = None,
    sets: Sets = None,
    patience: WallClockLimit = None,
) -> None:
    """Hold a world against what every world must keep; exit code 1 if it breaks a promise.

    Example, after `plandrift new world Library`:
      plandrift check-world library:Library
    """
    set_wall_clock_limit(patience)
    settings = gather(sets)
    rates = _rates(volatilities, world)
    made = condition(world, "plan-once", settings).parts.world
    print_findings(world, check_world(made, rates))


def _rates(text: str | None, world: str) -> tuple[float, float, float]:
    if text is None:
        scale = {"tileworld": 100.0, "recorded": 6e4}.get(world, 1.0)
        return 0.01 * scale, 0.05 * scale, 0.2 * scale
    try:
        slow, middling, fast = (float(part) for part in text.split(","))
    except ValueError:
        raise PlandriftError(f"--volatilities {text}: give three numbers, such as 0.01,0.05,0.2") from None
    if not 0 < slow < middling < fast < float("inf"):
        raise PlandriftError(f"--volatilities {text}: give three numbers above 0 that grow")
    return slow, middling, fast
