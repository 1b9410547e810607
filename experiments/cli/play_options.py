"""Options of the commands in which somebody else makes the plans."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.cli.completion import policy_names

GuardName = Annotated[
    str,
    typer.Option(help="a policy to consult before each of the agent's calls", autocompletion=policy_names),
]
PaceText = Annotated[
    str,
    typer.Option(help="the cost of thinking: fixed:TIME, wall:RATE, tokens:RATE, or live:RATE"),
]
TranscriptFile = Annotated[
    Path | None,
    typer.Option(help="write one session as a transcript, for `plandrift agent import claude-code`: .jsonl"),
]
