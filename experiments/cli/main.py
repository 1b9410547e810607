"""The command line: each command is one file in `cli.commands`, loaded when it is asked for."""

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
"""The option, of every command, with which an error shows where it was raised."""

LONGEST = 1000
"""A line about an error is cut in its middle beyond so many letters."""

NO_MEMORY = b"plandrift: out of memory: give smaller sizes, or fewer seeds or conditions\n"
"""What is said where there is no more."""

AGENT = CommandSet(
    "Your own agent: its transcripts, its guard, its faults.",
    {
        "import": "imports.imports",
        "audit": "audit.audit_command",
        "judge": "judge.judge_command",
        "calibrate": "calibrate.calibrate_command",
        "advise": "advise.advise",
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
    "Teach": {"explore": "explore.explore", "workshop": "workshop.workshop"},
    "Extend": {"new": "new.new", "check": "check.check", "list": LIST},
    "Groups of commands": {"agent": AGENT, "data": DATA},
}
"""The commands by what people want: each one's name, and where in `cli.commands` it is."""

COMMANDS = [name for panel in PANELS.values() for name in panel]
"""The names that help lists."""

GROUPS = [name for panel in PANELS.values() for name, at in panel.items() if isinstance(at, CommandSet)]
"""Those that stand for commands of their own."""

FORMER = {
    **AGENT.places,
    **DATA.places,
    **{name: LIST.places[name] for name in ("worlds", "policies", "metrics")},
    "check-world": "check.check",
    "check-policy": "check.check",
}
"""Names that commands had at the top before version 0.2: they still work, and help does not list them."""


def command_line() -> CommandGroup:
    """The commands, and the options that set up a shell's completion."""
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
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say the version.")
    ] = False,
    _whole: Annotated[
        bool, typer.Option(TRACEBACK, help="with any command: show where an error was raised")
    ] = False,
) -> None:
    """What can be given before a command; `main` takes the second from wherever it stands."""


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
    words = sys.argv[1:]
    whole = TRACEBACK in words
    streams.prepare()
    sys.exit(ended([word for word in words if word != TRACEBACK], whole))


def ended(words: list[str], whole: bool) -> int:
    """The exit code with which these words end; every error is reported in one line."""
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
        # There may be none left to put a line together.
        os.write(2, NO_MEMORY)
        return 2
    except Exception as error:
        if whole:
            traceback.print_exc()
        return _reported(error)
    return code if isinstance(code, int) else 0


def _reported(error: Exception) -> int:
    # Help does without the engine.
    from plandrift.sim import PlandriftError

    if isinstance(error, PlandriftError):
        return _say(str(error))
    if type(error).__name__ == "OutOfMemoryException":  # duckdb's, which is loaded only where it is used
        os.write(2, NO_MEMORY)
        return 2
    if isinstance(error, OSError):
        if error.filename is None:
            streams.give_up()
        place = "standard output" if error.filename is None else str(error.filename)
        return _say(f"{place}: {error.strerror or error}: make room, or give another path")
    frame = traceback.extract_tb(error.__traceback__)[-1]
    _say(
        f"{type(error).__name__}: {error} ({frame.filename}:{frame.lineno}): a mistake of plandrift's own: "
        f"please report it; {TRACEBACK} shows the whole"
    )
    return 1


def _say(line: str) -> int:
    said = "".join(c if c.isprintable() else repr(c)[1:-1] for c in " ".join(line.split()))
    if len(said) > LONGEST:
        said = f"{said[: LONGEST // 2]} … {said[-LONGEST // 2 :]}"
    with suppress(OSError):
        print("plandrift: " + said, file=sys.stderr)
    return 2
