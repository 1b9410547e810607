"""Commands in panels, each imported only when used: most are slower to import than the help is to print."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

ROOM = "plandrift.experiments.cli.commands"
"""The package that holds the commands."""
THREADS = "OPENBLAS_NUM_THREADS"
"""The variable that numpy's OpenBLAS reads when it is imported."""


@dataclass(frozen=True)
class CommandSet:
    """A group of commands under one name.

    Attributes:
        help: one line that describes the group.
        places: each command's location in `ROOM` as ``module.function``, by command name.
    """

    help: str
    places: Mapping[str, str]


Place = str | CommandSet
"""The location of a command, or the group of commands behind a name."""


class CommandGroup(TyperGroup):
    """A command line whose help lists its commands in panels, in the order given.

    Args:
        panels: for each panel title, its commands: name to place.
        hidden: names that work but are not listed.
        attributes: the group's attributes, as Typer takes them.
    """

    def __init__(
        self,
        panels: Mapping[str, Mapping[str, Place]],
        hidden: Mapping[str, Place] | None = None,
        **attributes: Any,
    ) -> None:
        super().__init__(**attributes)
        self._panels = panels
        self._places = {name: place for panel in panels.values() for name, place in panel.items()}
        self.commands = _Loaded(self._places, hidden or {})

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the listed commands."""
        return list(self._places)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write one section per panel, with one line per command."""
        widest = max(map(len, self._places))
        for title, panel in self._panels.items():
            with formatter.section(title):
                formatter.write_dl(
                    [
                        # Padded to the widest of all panels, so that the columns line up.
                        (
                            name.ljust(widest),
                            _outline(name, place).get_short_help_str(formatter.width - 6 - widest),
                        )
                        for name, place in panel.items()
                    ]
                )

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return the commands and options that begin with this text; a completing process ends after this."""
        self.commands = {name: _outline(name, place) for name, place in self._places.items()}
        return super().shell_complete(ctx, incomplete)


class _Loaded(MutableMapping[str, Any]):
    """The commands by name, each imported on first access."""

    def __init__(self, places: Mapping[str, Place], hidden: Mapping[str, Place]) -> None:
        self._listed, self._places = list(places), {**hidden, **places}
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = _load(name, self._places[name])
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._places[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)

    def __contains__(self, name: object) -> bool:
        return name in self._places


def _load(name: str, place: Place) -> Any:
    if isinstance(place, CommandSet):
        return CommandGroup(
            {"Commands": place.places},
            name=name,
            help=place.help,
            rich_markup_mode=None,
        )
    module, _, function = place.partition(".")
    with _one_thread():
        command = getattr(import_module(f"{ROOM}.{module}"), function)
    # Typer would import Rich only for help.
    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback()(_together)
    if isinstance(command, typer.Typer):
        app.add_typer(command, name=name)
    else:
        app.command(name)(command)
    group: Any = typer.main.get_command(app)
    found = group.commands[name]
    _part(found)
    return found


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let numpy, if it is imported now, start no threads for matrices: no command multiplies large ones.

    Starting them takes longer than most commands run. A value that the user has set is kept, and the
    programs that a command starts do not see this one.
    """
    if THREADS in os.environ:
        yield
        return
    os.environ[THREADS] = "1"
    try:
        yield
    finally:
        del os.environ[THREADS]


def _together() -> None:
    # Without this callback, an app with a single command would turn into that command.
    pass


def _part(command: Any) -> None:
    """Move the example from the end of a command's description to the end of its help."""
    about, heading, example = (command.help or "").partition("\n\nExample")
    if heading:
        # The mark \b preserves the line breaks, because examples are meant to be copied.
        command.help, command.epilog = about, f"\b\nExample{example}"
    for part in getattr(command, "commands", {}).values():
        _part(part)


def _outline(name: str, place: Place) -> TyperCommand:
    """Return a command with only its help, read from its source without importing anything."""
    if isinstance(place, CommandSet):
        return TyperCommand(name, help=place.help)
    module, _, function = place.partition(".")
    spec = find_spec(f"{ROOM}.{module}")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"no module {ROOM}.{module}")
    about = ""
    for node in ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            about = ast.get_docstring(node) or ""
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            # A command with commands of its own is a typer.Typer(help="…").
            for word in node.value.keywords:
                if word.arg == "help" and ast.unparse(node.targets[0]) == function:
                    about = ast.literal_eval(word.value)
    return TyperCommand(name, help=about)
