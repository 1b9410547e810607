"""`plandrift new`: a template for a world, policy or planner of your own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from plandrift.experiments.scaffold.write import Kind, write_scaffold

new = typer.Typer(
    help="Write a commented world, policy or planner that runs as it is.\n\n"
    "Example:\n  plandrift new world Library"
)

Name = Annotated[str, typer.Argument(help="its name, such as Library; the module is then library.py")]
Folder = Annotated[Path, typer.Option("--in", metavar="DIR", help="the folder to write it into")]


@new.callback()
def _new() -> None:
    """Write a commented world, policy or planner that runs as it is."""


@new.command()
def world(name: Name, folder: Folder = Path()) -> None:
    """Write a world, and show how to run and check it.

    Example:
      plandrift new world Library
    """
    _write("world", name, folder)


@new.command()
def policy(name: Name, folder: Folder = Path()) -> None:
    """Write a policy, and show how to run and check it.

    Example:
      plandrift new policy LookTwice
    """
    _write("policy", name, folder)


@new.command()
def planner(name: Name, folder: Folder = Path()) -> None:
    """Write a planner, and show how to run it.

    Example:
      plandrift new planner oldest_first
    """
    _write("planner", name, folder)


def _write(kind: Kind, name: str, folder: Path) -> None:
    path = write_scaffold(kind, name, folder)
    print(f"wrote {path}; from that folder:")
    about = path.read_text(encoding="utf-8").split('"""')[1]
    for line in about.splitlines():
        if line.startswith("plandrift "):
            print(f"  {line}")
