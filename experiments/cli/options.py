"""Options that several commands share, and how they become settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from plandrift.experiments.cli.completion import policy_names, world_names
from plandrift.sim import SettingError

WorldName = Annotated[
    str,
    typer.Argument(
        help="a world of `plandrift list worlds`, or package.module:Name", autocompletion=world_names
    ),
]
PolicyName = Annotated[
    str,
    typer.Option(
        help="a policy of `plandrift list policies`, name(arguments), or package.module:Name",
        autocompletion=policy_names,
    ),
]
Seed = Annotated[int, typer.Option(help="seed of the episode's random streams")]
Volatility = Annotated[
    str | None, typer.Option(help="mean changes of a fluent per unit of time (0.05, or 3 per hour)")
]
Latency = Annotated[str | None, typer.Option(help="observation latency: a time (2, 20 ms) or a distribution")]
Horizon = Annotated[str | None, typer.Option(help="when the episode ends at the latest")]
Sets = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="any setting by its dotted name")
]
WallClockLimit = Annotated[
    float | None,
    typer.Option(help="seconds that an episode, a query or a drawing may take on the clock; 60 if not given"),
]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="the folder of a sweep")]
By = Annotated[str, typer.Option(help="what to group by: names with commas between")]
Where = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help='only conditions with this, such as "channel.latency = 1"'),
]
Over = Annotated[
    str, typer.Option(help="settings to average over, with commas between; all for every one not in --by")
]
Format = Annotated[str, typer.Option("--format", help="text, csv, json, markdown or latex")]


def gather(
    sets: list[str] | None,
    volatility: str | None = None,
    latency: str | None = None,
    horizon: str | None = None,
) -> dict[str, Any]:
    """All settings given on the command line, by dotted name.

    Raises:
        SettingError: a `--set` has no `=`.
    """
    settings: dict[str, Any] = {}
    for text in sets or []:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise SettingError(f"--set {text}: give NAME=VALUE, such as channel.latency=1")
        settings[name.strip()] = value.strip()
    shortcuts = {"volatility": volatility, "channel.latency": latency, "horizon": horizon}
    return settings | {name: value for name, value in shortcuts.items() if value is not None}


def names(text: str) -> list[str]:
    """Names with commas between."""
    return [part.strip() for part in text.split(",") if part.strip()]
