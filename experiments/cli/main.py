"""The command line: each command is one file in `cli.commands`, imported only when it is used."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress
from typing import Annotated, Any

import typer

from plandrift.experiments.cli import streams
from plandrift.experiments.cli.command_group import CommandGroup, CommandSet

TRACEBACK = "--traceback"
"""The option, accepted by every command, that shows where an error was raised."""

LONGEST = 1000
"""The length in characters beyond which an error line is cut in its middle."""

NO_MEMORY = b"plandrift: out of memory: give smaller sizes, or fewer seeds or conditions\n"
"""The message for running out of memory."""

AGENT = CommandSet(
    "Your own agent: its transcripts, its guard, its faults.",
    {
        "import": "imports.imports",
        "audit": "audit.audit_command",
        "judge": "judge.judge_command",
        "calibrate": "calibrate.calibrate_command",
        "advise": "advise.advise",
        "guard": "guard.guard",
        "faults": "faults.faults",
        "play": "play.play",
        "serve": "serve.serve",
    },
)
DATA = CommandSet(
    "Results: query, export, analyse, check against theory.",
    {
        "sql": "sql.sql",
        "export": "export.export",
        "status": "status.status",
        "survival": "survival.survival_command",
        "sensitivity": "sensitivity.sensitivity",
        "validate": "validate.validate_command",
        "graph": "graph.graph",
    },
)
LIST = CommandSet(
    "List worlds, policies, metrics, settings, looks.",
    {
        "worlds": "listings.worlds",
        "policies": "listings.policies",
        "metrics": "metrics.metrics",
        "settings": "listings.settings",
        "looks": "listings.looks",
    },
)

PANELS: dict[str, dict[str, str | CommandSet]] = {
    "Run one episode": {"run": "run.run", "replay": "replay.replay"},
    "Sweep and look": {
        "demo": "demo.demo",
        "sweep": "sweep.sweep",
        "table": "table.table_command",
        "compare": "compare.compare_command",
        "plot": "plot.plot",
        "report": "report.report",
        "reproduce": "reproduce.reproduce",
    },
    "Teach": {"story": "story.story", "explore": "explore.explore", "workshop": "workshop.workshop"},
    "Extend": {"new": "new.new", "check": "check.check", "list": LIST},
    "Groups of commands": {"agent": AGENT, "data": DATA},
}
"""The commands grouped by what people want to do: each command's name and its place in `cli.commands`."""

COMMANDS = [name for panel in PANELS.values() for name in panel]
"""The names that the help lists."""

GROUPS = [name for panel in PANELS.values() for name, at in panel.items() if isinstance(at, CommandSet)]
"""The places that hold a command of their own."""

FORMER = {
    **AGENT.places,
    **DATA.places,
    **{name: LIST.places[name] for name in ("worlds", "policies", "metrics")},
    "check-world": "check.check",
    "check-policy": "check.check",
}
"""Names that commands had at the top level before version 0.2: they still work, but the help omits them."""


def command_line() -> CommandGroup:
    """Return the command line with all its commands and the shell-completion options."""
    return CommandGroup(
        PANELS,
        FORMER,
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
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version.")
    ] = False,
    _whole: Annotated[
        bool, typer.Option(TRACEBACK, help="with any command: show where an error was raised")
    ] = False,
) -> None:
    """Declare the options accepted before a command; `main` takes `--traceback` from wherever it stands."""


def _params() -> list[Any]:
    """Return these options and the shell-completion options, in the form that Typer builds.
    line."""
    app = typer.Typer(rich_markup_mode=None)
    app.callback()(_options)
    group: Any = typer.main.get_command(app)
    for param in group.params:
        param.expose_value = False
    return list(group.params)


def main() -> None:
    """Run the command line; a user's mistake ends with a one-line message and exit code 2."""
    words = sys.argv[1:]
    whole = TRACEBACK in words
    streams.prepare()
    sys.exit(ended([word for word in words if word != TRACEBACK], whole))


def ended(words: list[str], whole: bool) -> int:
    """Run these arguments and return the exit code; every error is reported in one line."""
    alone = not words or (len(words) == 1 and words[0] in GROUPS)
    try:
        code = command_line().main([*words, "--help"] if alone else words, standalone_mode=False)
        streams.flush()
    except typer.TyperException as error:
        return _say(error.format_message())
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BrokenPipeError:
        streams.give_up()
        return 0
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 0
    except MemoryError:
        # There may be no memory left to build a message.
        os.write(2, NO_MEMORY)
        return 2
    except Exception as error:
        if whole:
            traceback.print_exc()
        return _reported(error)
    return code if isinstance(code, int) else 0


def _reported(error: Exception) -> int:
    # Imported here so that `--help` does not load the engine.
    from plandrift.sim import PlandriftError

    if isinstance(error, PlandriftError):
        return _say(str(error))
    if type(error).__name__ == "OutOfMemoryException":  # duckdb's, imported only where it is used
        os.write(2, NO_MEMORY)
        return 2
    if isinstance(error, OSError):
        if error.filename is None:
            streams.give_up()
        place = "standard output" if error.filename is None else str(error.filename)
        return _say(f"{place}: {error.strerror or error}: make room, or give another path")
    frame = traceback.extract_tb(error.__traceback__)[-1]
    _say(
        f"{type(error).__name__}: {error} ({frame.filename}:{frame.lineno}): this is a bug in plandrift: "
        f"please report it; {TRACEBACK} shows the whole traceback"
    )
    return 1


def _say(line: str) -> int:
    said = "".join(c if c.isprintable() else repr(c)[1:-1] for c in " ".join(line.split()))
    if len(said) > LONGEST:
        said = f"{said[: LONGEST // 2]} … {said[-LONGEST // 2 :]}"
    with suppress(OSError):
        print("plandrift: " + said, file=sys.stderr)
    return 2
