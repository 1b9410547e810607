"""`plandrift agent judge`: what a policy would have said about each write of a real trace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.agents.audit.judge import judge
from plandrift.experiments.cli.completion import policy_names
from plandrift.experiments.cli.options import Format
from plandrift.experiments.cli.printing import check_format, print_rows
from plandrift.experiments.statistics.text import shown
from plandrift.experiments.sweeps.names import policy_named
from plandrift.sim import plain


def judge_command(
    trace: Annotated[
        Path, typer.Argument(metavar="OPS", help="operations written by `plandrift agent import`")
    ],
    policy: Annotated[
        str,
        typer.Option(
            help="a policy from `plandrift list policies`, name(arguments), or package.module:Name",
            autocompletion=policy_names,
        ),
    ],
    form: Format = "text",
    calls: Annotated[bool, typer.Option("--calls", help="one row per call, instead of one for all")] = False,
) -> None:
    """Ask a policy about each write of a trace: should it fire?

    The policy sees what the agent knew at that time.

    Example, after `plandrift agent import claude-code session.jsonl --out ops.parquet`:
      plandrift agent judge ops.parquet --policy look-first
    """
    check_format(form)
    found = judge(trace, policy_named(policy))
    rows = [call.row() for call in found.calls] if calls else [found.row()]
    if form == "json":
        print(json.dumps(plain(rows if calls else rows[0]), indent=1))
        return
    if not calls:
        row = rows[0]
        for name in ("false", "missed"):
            rate, low, high = (row.pop(f"{name}_{end}") for end in ("rate", "low", "high"))
            known = isinstance(rate, float) and rate == rate
            row[f"{name} rate"] = f"{shown(rate)} [{shown(low)}, {shown(high)}]" if known else "–"
    print_rows(rows, form)
    if form == "text" and not calls:
        print(
            "\nwrong: it could not do what it meant to do, or wrote over somebody else's change; right: a "
            "block of a wrong write; false: a block of one that was fine; missed: a wrong one that was let "
            "through. What would have happened after a block is not known."
        )
