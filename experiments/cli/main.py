"""The command line: each command is one file in `experiments.cli.commands`, loaded when it is asked for."""

from __future__ import annotations

import sys
from importlib import import_module

import typer

from sim import PlandriftError

COMMANDS = {
    "worlds": "worlds.worlds",
    "policies": "policies.policies",
    "run": "run.run",
    "validate": "validate.validate_command",
    "demo": "demo.demo",
    "sweep": "sweep.sweep",
    "status": "status.status",
    "table": "table.table_command",
    "compare": "compare.compare_command",
    "plot": "plot.plot",
    "replay": "replay.replay",
    "graph": "graph.graph",
    "report": "report.report",
    "reproduce": "reproduce.reproduce",
    "explore": "explore.explore",
    "workshop": "workshop.workshop",
    "sensitivity": "sensitivity.sensitivity",
    "sql": "sql.sql",
    "new": "new.new",
    "check-world": "check_world.check_world_command",
    "check-policy": "check_policy.check_policy_command",
    "import": "import_git.imports",
    "survival": "survival.survival_command",
    "export": "export.export",
}
"""Each command's name, and where in `experiments.cli.commands` it is."""


def command_line(asked: str) -> typer.Typer:
    """The commands: the one that is asked for, or all of them where none of theirs is, as for help."""
    app = typer.Typer(
        name="plandrift",
        help="Simulate planner–executor desync: how plans go stale in a world that moves.",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_together)
    for name in [asked] if asked in COMMANDS else COMMANDS:
        module, _, function = COMMANDS[name].partition(".")
        command = getattr(import_module(f"experiments.cli.commands.{module}"), function)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def _together() -> None:
    # Without it, an app of one command would be that command.
    pass


def main() -> None:
    """Run the command line; a mistake of the user's ends with one line and exit code 2."""
    words = sys.argv[1:] or ["--help"]
    try:
        code = command_line(words[0])(words, standalone_mode=False)
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
