"""`plandrift worlds`: what worlds there are, with settings, defaults and units."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from plandrift.experiments.cli.catalogue import settings_table
from plandrift.experiments.cli.completion import world_names
from plandrift.experiments.cli.printing import wide_console
from plandrift.experiments.sweeps.names import world_named
from plandrift.experiments.sweeps.settings import about, fields_of, settings_of
from plandrift.worlds import WORLDS


def worlds(
    name: Annotated[
        str | None, typer.Argument(help="only this one, with all it says", autocompletion=world_names)
    ] = None,
) -> None:
    """List the worlds: what each is about, its settings with defaults and units.

    Example:
      plandrift worlds records
    """
    console = wide_console()
    for world in [name] if name else WORLDS:
        kind = world_named(world)
        console.print(Text.assemble((world, "bold"), f"  {about(kind)}"))
        console.print(settings_table(fields_of(kind, "world")))
    console.print(Text("Settings of every world", "bold"))
    console.print(settings_table(settings_of(None, None)))
