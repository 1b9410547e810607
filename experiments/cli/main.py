"""The command line: each command is one file in `experiments.cli.commands`, loaded when it is asked for."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from experiments.cli.command_group import CommandGroup

PANELS = {
    "Run one episode": {
        "run": "run.run",
        "worlds": "worlds.worlds",
        "policies": "policies.policies",
        "metrics": "metrics.metrics",
        "replay": "replay.replay",
        "graph": "graph.graph",
    },
    "Sweep and look": {
        "demo": "demo.demo",
        "sweep": "sweep.sweep",
        "status": "status.status",
        "table": "table.table_command",
        "compare": "compare.compare_command",
        "plot": "plot.plot",
        "report": "report.report",
        "sql": "sql.sql",
        "export": "export.export",
        "sensitivity": "sensitivity.sensitivity",
        "validate": "validate.validate_command",
        "reproduce": "reproduce.reproduce",
    },
    "Your own history and agent": {
        "play": "play.play",
        "serve": "serve.serve",
        "import": "import_git.imports",
        "survival": "survival.survival_command",
    },
    "Teach": {
        "explore": "explore.explore",
        "workshop": "workshop.workshop",
    },
    "Extend": {
        "new": "new.new",
        "check-world": "check_world.check_world_command",
        "check-policy": "check_policy.check_policy_command",
    },
}
"""The commands by what people want: each one's name, and where in `experiments.cli.commands` it is."""

COMMANDS = [name for panel in PANELS.values() for name in panel]
"""The names of all commands."""


def command_line() -> CommandGroup:
    """The commands, and the options that set up a shell's completion."""
    return CommandGroup(
        PANELS,
        name="plandrift",
        help="Simulate planner–executor desync: how plans go stale in a world that moves.",
        params=_params(),
        rich_markup_mode=None,
    )


def _say_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"plandrift {version('plandrift')}")
        raise typer.Exit


def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is."),
    ] = False,
) -> None:
    """What can be given before a command."""


def _params() -> list[Any]:
    """Those, and the options that set up a shell's completion, as Typer makes them of a command line."""
    app = typer.Typer(rich_markup_mode=None)
    app.callback()(_options)
    group: Any = typer.main.get_command(app)
    for param in group.params:
        param.expose_value = False
    return list(group.params)


def main() -> None:
    """Run the command line; a mistake of the user's ends with one line and exit code 2."""
    try:
        code = command_line().main(sys.argv[1:] or ["--help"], standalone_mode=False)
    except typer.TyperException as error:
        code = _say(error.format_message())
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except BrokenPipeError:
        sys.stderr.close()
        code = 0
    except Exception as error:
        # Help does without the engine.
        from sim import PlandriftError

        if not isinstance(error, PlandriftError):
            raise
        code = _say(str(error))
    sys.exit(code if isinstance(code, int) else 0)


def _say(line: str) -> int:
    print("plandrift: " + " ".join(line.split()), file=sys.stderr)
    return 2
