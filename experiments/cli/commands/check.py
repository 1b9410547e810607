"""`plandrift check`: whether a world or policy of your own follows the rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from plandrift.experiments.cli.options import Sets, WallClockLimit, gather
from plandrift.experiments.sweeps.condition import condition
from plandrift.experiments.sweeps.names import names_world, policy_named
from plandrift.experiments.sweeps.wall_clock_limit import set_wall_clock_limit
from plandrift.experiments.testing.check_policy import check_policy
from plandrift.experiments.testing.check_world import CheckedPromise, check_world
from plandrift.sim import PlandriftError


def check(
    name: Annotated[
        str,
        typer.Argument(help="a world or a policy: package.module:Name, or a name from `plandrift list`"),
    ],
    volatilities: Annotated[
        str | None, typer.Option(help="for a world: a low, a medium and a high one, separated by commas")
    ] = None,
    sets: Sets = None,
    patience: WallClockLimit = None,
) -> None:
    """Check that a world or a policy of your own follows the rules.

    The exit code is 1 if a check fails.

    Example, after `plandrift new world Library`:
      plandrift check library:Library
    """
    set_wall_clock_limit(patience)
    settings = gather(sets)
    if names_world(name):
        rates = _rates(volatilities, name)
        made = condition(name, "plan-once", settings).parts.world
        _print_findings(name, check_world(made, rates))
        return
    policy = policy_named(name)
    if volatilities is not None or settings:
        option = "--volatilities" if volatilities is not None else "--set"
        raise PlandriftError(f"{option}: {name} is a policy, and only worlds take this option: leave it out")
    _print_findings(name, check_policy(policy))


def _rates(text: str | None, world: str) -> tuple[float, float, float]:
    if text is None:
        scale = {"tileworld": 100.0, "recorded": 6e4}.get(world, 1.0)
        return 0.01 * scale, 0.05 * scale, 0.2 * scale
    try:
        slow, middling, fast = (float(part) for part in text.split(","))
    except ValueError:
        raise PlandriftError(f"--volatilities {text}: give three numbers, such as 0.01,0.05,0.2") from None
    if not 0 < slow < middling < fast < float("inf"):
        raise PlandriftError(f"--volatilities {text}: give three increasing numbers above 0")
    return slow, middling, fast


def _print_findings(name: str, findings: Sequence[CheckedPromise]) -> None:
    """Print the findings; exit with 1 if a check failed."""
    said: set[str] = set()
    for finding in findings:
        print(f"{'broken' if finding.fault else 'kept  '}  {finding.promise}")
        if finding.fault:
            print(f"        {'as above' if finding.fault in said else ' '.join(finding.fault.split())}")
            said.add(finding.fault)
    broken = sum(bool(finding.fault) for finding in findings)
    print(f"{name}: " + (f"{broken} of {len(findings)} broken" if broken else f"all {len(findings)} kept"))
    if broken:
        raise typer.Exit(1)
