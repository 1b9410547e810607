"""`plandrift check-world` and `plandrift check-policy`: what a world or policy of one's own must keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from experiments.check_policy import check_policy
from experiments.check_world import Finding, check_world
from experiments.commands.options import Sets, gather
from experiments.names import policy_named
from experiments.settings import condition
from sim import PlandriftError


def check_world_command(
    world: Annotated[str, typer.Argument(help="package.module:Name, or a world of `plandrift worlds`")],
    volatilities: Annotated[
        str | None, typer.Option(help="a slow, a middling and a fast one, with commas between")
    ] = None,
    sets: Sets = None,
) -> None:
    """Hold a world against what every world must keep; exit code 1 if it breaks a promise."""
    settings = gather(sets)
    rates = _rates(volatilities, world)
    made = condition(world, "plan-once", settings).world
    _report(world, check_world(made, rates))


def check_policy_command(
    policy: Annotated[str, typer.Argument(help="package.module:Name, or a policy of `plandrift policies`")],
) -> None:
    """Hold a policy against what every policy must keep; exit code 1 if it breaks a promise."""
    _report(policy, check_policy(policy_named(policy)))


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


def _report(name: str, findings: Sequence[Finding]) -> None:
    for finding in findings:
        print(f"{'broken' if finding.fault else 'kept  '}  {finding.promise}")
        if finding.fault:
            print(f"        {finding.fault}")
    broken = sum(bool(finding.fault) for finding in findings)
    print(f"{name}: " + (f"{broken} of {len(findings)} broken" if broken else f"all {len(findings)} kept"))
    if broken:
        raise typer.Exit(1)
