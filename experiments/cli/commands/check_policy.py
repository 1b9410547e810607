"""`plandrift check-policy`: what a policy of one's own must keep."""

from __future__ import annotations

from typing import Annotated

import typer

from plandrift.experiments.cli.completion import policy_names
from plandrift.experiments.cli.options import WallClockLimit
from plandrift.experiments.cli.promises import print_findings
from plandrift.experiments.sweeps.names import policy_named
from plandrift.experiments.sweeps.wall_clock_limit import set_wall_clock_limit
from plandrift.experiments.testing.check_policy import check_policy


def check_policy_command(
    policy: Annotated[
        str,
        typer.Argument(
            help="package.module:Name, or a policy of `plandrift policies`", autocompletion=policy_names
        ),
    ],
    patience: WallClockLimit = None,
) -> None:
    """Hold a policy against what every policy must keep; exit code 1 if it breaks a promise.

    Example, after `plandrift new policy LookTwice`:
      plandrift check-policy look_twice:LookTwice
    """
    set_wall_clock_limit(patience)
    print_findings(policy, check_policy(policy_named(policy)))
