"""`plandrift list`: worlds, policies, settings and looks, each with its description."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from plandrift.experiments.cli.completion import policy_names, world_names
from plandrift.experiments.cli.printing import wide_console
from plandrift.experiments.figures import looks as drawn
from plandrift.experiments.sweeps.names import policy_named, world_named
from plandrift.experiments.sweeps.settings import Setting, about, fields_of, settings_of
from plandrift.policies import POLICIES
from plandrift.worlds import WORLDS


def worlds(
    name: Annotated[
        str | None, typer.Argument(help="show only this world, in full", autocompletion=world_names)
    ] = None,
) -> None:
    """List the worlds, with their settings, defaults and units.

    Example:
      plandrift list worlds records
    """
    console = wide_console()
    for world in [name] if name else WORLDS:
        kind = world_named(world)
        console.print(Text.assemble((world, "bold"), f"  {about(kind)}"))
        console.print(_settings_table(fields_of(kind, "world")))


def policies(
    name: Annotated[
        str | None, typer.Argument(help="show only this policy, in full", autocompletion=policy_names)
    ] = None,
) -> None:
    """List the named policies and the parts each one is made of.

    Example:
      plandrift list policies gated
    """
    console = wide_console()
    for title in [name] if name else POLICIES:
        policy = policy_named(title)
        made_by = POLICIES[title] if title in POLICIES else type(policy)
        console.print(Text.assemble((title, "bold"), f"  {about(made_by)}"))
        parts = ", ".join(f"{k} = {str(v).lower()}" for k, v in policy.parts().items())
        console.print(f"    {parts or 'no parts: it never replans and has no gate'}\n")
    console.print(Text.assemble(("Parts", "bold"), ", each a setting that can be changed for any policy"))
    console.print(_settings_table(fields_of(policy_named("plan-once"), "policy")))


def settings() -> None:
    """List the settings of episode, channel, agent and hand-off.

    Example:
      plandrift list settings
    """
    wide_console().print(_settings_table(settings_of(None, None)))


def looks() -> None:
    """List the colour and marker that each policy has in figures.

    Example:
      plandrift list looks
    """
    table = _table("policy", "colour", "marker")
    for name, look in drawn.looks(list(drawn.NAMED)).items():
        table.add_row(name, look.colour, str(look.marker))
    wide_console().print(table)


def _table(*headings: str) -> Table:
    table = Table(box=None, padding=(0, 2), header_style="dim", show_edge=False, pad_edge=True)
    for heading in headings:
        table.add_column(heading, overflow="fold", no_wrap=heading in ("setting", "default"))
    return table


def _settings_table(rows: list[Setting]) -> Table:
    """Return a table with one row per setting."""
    table = _table("setting", "default", "unit", "value", "meaning")
    for row in rows:
        default = "–" if row.default is None else str(row.default)
        if isinstance(row.default, bool):
            default = default.lower()
        elif isinstance(row.default, tuple):
            default = ",".join(row.default)
        table.add_row(row.name, default, row.unit, row.kind, row.meaning)
    return table
