"""Options of the commands in which somebody else plays."""

from __future__ import annotations

from typing import Annotated

import typer

from plandrift.experiments.cli.completion import policy_names

GuardName = Annotated[
    str,
    typer.Option(help="a policy that is asked before each call of the agent", autocompletion=policy_names),
]
PaceText = Annotated[
    str,
    typer.Option(help="what thinking costs: fixed:TIME, wall:RATE, tokens:RATE, or live:RATE"),
]
