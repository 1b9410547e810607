"""Options that several commands share, and how they become settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from plandrift.experiments.cli.completion import policy_names, world_names
from plandrift.sim import SettingError
from plandrift.sim.settings.coordinations import COORDINATIONS

WorldName = Annotated[
    str,
    typer.Argument(
        help="a world from `plandrift list worlds`, or package.module:Name", autocompletion=world_names
    ),
]
PolicyName = Annotated[
    str,
    typer.Option(
        help="a policy from `plandrift list policies`, name(arguments), or package.module:Name",
        autocompletion=policy_names,
    ),
]
Seed = Annotated[int, typer.Option(help="seed for the episode's random streams")]
Agents = Annotated[int | None, typer.Option(help="how many agents share the world")]
Coordination = Annotated[str | None, typer.Option(help=f"what coordinates them: {', '.join(COORDINATIONS)}")]
Volatility = Annotated[
    str | None, typer.Option(help="mean changes per fluent per unit of time (0.05, or 3 per hour)")
]
Latency = Annotated[str | None, typer.Option(help="observation latency: a time (2, 20 ms) or a distribution")]
Horizon = Annotated[str | None, typer.Option(help="latest time at which the episode ends")]
Sets = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="any setting by its dotted name")
]
WallClockLimit = Annotated[
    float | None,
    typer.Option(help="limit on the real time of an episode, query or drawing, in seconds; 60 if not given"),
]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="a sweep's results folder")]
By = Annotated[str, typer.Option(help="settings to group by, separated by commas")]
Where = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help='only conditions that match, such as "channel.latency = 1"'),
]
Over = Annotated[
    str, typer.Option(help="settings to average over, separated by commas; all for every setting not in --by")
]
Format = Annotated[str, typer.Option("--format", help="text, csv, json, markdown or latex")]


def gather(
    sets: list[str] | None,
    volatility: str | None = None,
    latency: str | None = None,
    horizon: str | None = None,
    agents: int | None = None,
    coordination: str | None = None,
) -> dict[str, Any]:
    """Collect all settings given on the command line, by dotted name.

    Raises:
        SettingError: a `--set` lacks its `=`.
    """
    settings: dict[str, Any] = {}
    for text in sets or []:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise SettingError(f"--set {text}: give NAME=VALUE, such as channel.latency=1")
        settings[name.strip()] = value.strip()
    shortcuts: dict[str, Any] = {"volatility": volatility, "channel.latency": latency, "horizon": horizon}
    shortcuts |= {"crew.agents": agents, "crew.coordination": coordination}
    return settings | {name: value for name, value in shortcuts.items() if value is not None}


def names(text: str) -> list[str]:
    """Split a comma-separated list of names."""
    return [part.strip() for part in text.split(",") if part.strip()]
