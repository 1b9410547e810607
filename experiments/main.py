"""The command line: each command is one file in `experiments.commands`."""

from __future__ import annotations

import sys

import typer

from experiments.commands.catalogue import policies, worlds
from experiments.commands.check import check_policy_command, check_world_command
from experiments.commands.demo import demo
from experiments.commands.explore import explore
from experiments.commands.graph import graph
from experiments.commands.history import imports, survival_command
from experiments.commands.plot import plot
from experiments.commands.replay import replay
from experiments.commands.report import report, reproduce
from experiments.commands.run import run
from experiments.commands.sensitivity import sensitivity
from experiments.commands.sweep import status, sweep
from experiments.commands.tables import compare_command, export, sql, table_command
from experiments.commands.validate import validate_command
from experiments.commands.workshop import workshop
from sim import PlandriftError

app = typer.Typer(
    name="plandrift",
    help="Simulate planner–executor desync: how plans go stale in a world that moves.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(worlds)
app.command()(policies)
app.command()(run)
app.command("validate")(validate_command)
app.command()(demo)
app.command()(sweep)
app.command()(status)
app.command("table")(table_command)
app.command("compare")(compare_command)
app.command()(plot)
app.command()(replay)
app.command()(graph)
app.command()(report)
app.command()(reproduce)
app.command()(explore)
app.command()(workshop)
app.command()(sensitivity)
app.command()(sql)
app.command("check-world")(check_world_command)
app.command("check-policy")(check_policy_command)
app.add_typer(imports, name="import")
app.command("survival")(survival_command)
app.command()(export)


def main() -> None:
    """Run the command line; a mistake of the user's ends with one line and exit code 2."""
    try:
        code = app(standalone_mode=False)
    except PlandriftError as error:
        code = _say(str(error))
    except typer.TyperException as error:
        code = _say(error.format_message())
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except BrokenPipeError:
        sys.stderr.close()
        code = 0
    sys.exit(code if isinstance(code, int) else 0)


def _say(line: str) -> int:
    print("plandrift: " + " ".join(line.split()), file=sys.stderr)
    return 2
