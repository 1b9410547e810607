"""`plandrift policies`: what policies there are, with their parts."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from plandrift.experiments.cli.catalogue import settings_table
from plandrift.experiments.cli.completion import policy_names
from plandrift.experiments.cli.printing import wide_console
from plandrift.experiments.sweeps.names import policy_named
from plandrift.experiments.sweeps.settings import about, fields_of
from plandrift.policies import POLICIES


def policies(
    name: Annotated[
        str | None, typer.Argument(help="only this one, with all it says", autocompletion=policy_names)
    ] = None,
) -> None:
    """List the named policies, and which parts each is made of.

    Example:
      plandrift policies gated
    """
    console = wide_console()
    for title in [name] if name else POLICIES:
        policy = policy_named(title)
        made_by = POLICIES[title] if title in POLICIES else type(policy)
        console.print(Text.assemble((title, "bold"), f"  {about(made_by)}"))
        parts = ", ".join(f"{k} = {str(v).lower()}" for k, v in policy.parts().items())
        console.print(f"    {parts or 'no parts: it never replans and has no gate'}\n")
    console.print(Text.assemble(("Parts", "bold"), ", each a setting that can be changed for any of them"))
    console.print(settings_table(fields_of(policy_named("plan-once"), "policy")))
