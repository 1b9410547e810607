"""`plandrift worlds` and `plandrift policies`: what there is, with settings, defaults and units."""

from __future__ import annotations

import inspect
from typing import Annotated

import typer
from rich.table import Table

from experiments.names import policy_named, world_named
from experiments.printing import wide_console
from experiments.settings import Setting, fields_of, settings_of
from policies import POLICIES
from worlds import WORLDS

Name = Annotated[str | None, typer.Argument(help="only this one, with all it says")]


def worlds(name: Name = None) -> None:
    """List the worlds: what each is about, its settings with defaults and units."""
    console = wide_console()
    for world in [name] if name else WORLDS:
        kind = world_named(world)
        console.print(f"[bold]{world}[/bold]  {_about(kind)}")
        console.print(_table(fields_of(kind, "world")))
    console.print("[bold]Settings of every world[/bold]")
    console.print(_table(settings_of(None, None)))


def policies(name: Name = None) -> None:
    """List the named policies, and which parts each is made of."""
    console = wide_console()
    for title in [name] if name else POLICIES:
        policy = policy_named(title)
        about = POLICIES[title] if title in POLICIES else type(policy)
        console.print(f"[bold]{title}[/bold]  {_about(about)}")
        parts = ", ".join(f"{k} = {str(v).lower()}" for k, v in policy.parts().items())
        console.print(f"    {parts or 'no parts: it never replans and has no gate'}\n")
    console.print("[bold]Parts[/bold], each a setting that can be changed for any of them")
    console.print(_table(fields_of(policy_named("plan-once"), "policy")))


def _about(thing: object) -> str:
    text = inspect.getdoc(thing) or ""
    return " ".join(text.split("\n\n")[0].split())


def _table(rows: list[Setting]) -> Table:
    table = Table(box=None, padding=(0, 2), header_style="dim", show_edge=False, pad_edge=True)
    for heading in ("setting", "default", "unit", "value", "meaning"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("setting", "default"))
    for row in rows:
        default = "–" if row.default is None else str(row.default)
        if isinstance(row.default, bool):
            default = default.lower()
        elif isinstance(row.default, tuple):
            default = ",".join(row.default)
        table.add_row(row.name, default, row.unit, row.kind, row.meaning)
    return table
