"""The example with which each command's help ends: all run as written, after what they name."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from plandrift.experiments.agents.transcripts.registry import FORMATS
from plandrift.experiments.cli.main import command_line
from tests.command import plandrift
from tests.experiments.agents.guard.hosts import guarded_project
from tests.experiments.agents.transcripts.other_samples import SAMPLES
from tests.experiments.agents.transcripts.samples import (
    entire_repository,
    operations_file,
    otel_spans,
)

pytestmark = pytest.mark.long

SLOW = {"report", "sweep", "demo", "data validate", "workshop", "explore", "reproduce"}
"""Commands whose examples take more than a few seconds."""

GIT = "in a git repository"

HELP_DESK = "id,did,at\n1,opened,2026-01-01 09:00\n2,opened,2026-01-01 09:05\n1,closed,2026-01-02 09:00\n"

TRANSCRIPTS: dict[str, Callable[[Path], object]] = {
    **{
        f"in a folder with {FORMATS[name].example}": sample
        for name, sample in SAMPLES.items()
        if name != "otel"
    },
    "in a folder with spans.jsonl and tools.toml": otel_spans,
    "in a repository that holds Entire checkpoints": entire_repository,
    "in a folder with ops.parquet of your own agent": operations_file,
    "in a project with a guard.toml and its log": guarded_project,
    "in a folder with the log.csv of a help desk": lambda folder: (folder / "log.csv").write_text(HELP_DESK),
}
"""The places in which transcripts of agents, and event logs, lie."""


class Example(NamedTuple):
    """An example: where it is to be run, and its lines."""

    where: str
    lines: list[str]


def leaves(group: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        yield f"{above}{name}", command
        if hasattr(command, "commands"):
            yield from leaves(command, f"{above}{name} ")


def example_of(command: Any) -> Example:
    text = (command.epilog or "").removeprefix("\b\n")
    heading, *lines = text.splitlines()
    found = re.fullmatch(r"Example(?:, (.+))?:", heading)
    assert found, heading
    return Example(found[1] or "", [line.strip() for line in lines])


COMMANDS = {name: one for name, one in leaves(command_line()) if name not in ("agent", "data", "list")}


def run(line: str, folder: Path) -> str:
    words = shlex.split(line)
    if words[0] == "plandrift" and words[1:3] != ["agent", "play"] and not set(line) & set("|<>&;$*~"):
        done = plandrift(*words[1:], cwd=folder)
        return done.stdout + done.stderr
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        line,
        shell=True,
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


class Folders:
    """A folder for each thing that examples are run after, prepared once."""

    def __init__(self, base: pytest.TempPathFactory) -> None:
        self._base = base
        self._made: dict[str, Path] = {}

    def prepared(self, where: str) -> Path:
        if where not in self._made:
            after = re.fullmatch(r"after `(.+)`", where)
            if after:
                line = after[1]
                # What it comes after is some command's own example, with what that comes after in turn.
                before = next(one for one in map(example_of, COMMANDS.values()) if line in one.lines)
                folder = self.prepared(before.where) if before.where else self._base.mktemp("example")
                run(line, folder)
            elif where in TRANSCRIPTS:
                folder = self._base.mktemp("example")
                TRANSCRIPTS[where](folder)
            else:
                folder = self._base.mktemp("example")
                assert where == GIT, where
                for who, day in (("ann", 1), ("bob", 2)):
                    named = f"-c user.name={who} -c user.email={who}@example.org"
                    dated = f"GIT_AUTHOR_DATE=2026-01-0{day}T12:00Z GIT_COMMITTER_DATE=2026-01-0{day}T12:00Z"
                    run(f"git init -q && echo {who} > notes && git add notes", folder)
                    run(f"{dated} git {named} commit -qm {who}", folder)
            self._made[where] = folder
        return self._made[where]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    return Folders(tmp_path_factory)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in COMMANDS]
)
def test_the_example_works_as_written(name: str, folders: Folders, tmp_path: Path) -> None:
    example = example_of(COMMANDS[name])
    assert example.lines[-1].startswith(f"plandrift {name}")
    folder = folders.prepared(example.where) if example.where else tmp_path
    for line in example.lines:
        said = run(line, folder)
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert said or written


@pytest.mark.parametrize("name", COMMANDS)
def test_help_ends_with_the_example(name: str, tmp_path: Path) -> None:
    context: Any = COMMANDS[name]
    said = context.get_help(context.context_class(context, info_name=name))
    example = example_of(context)
    ends = [line.strip() for line in said.splitlines()][-len(example.lines) - 1 :]
    assert ends == [f"Example{', ' + example.where if example.where else ''}:", *example.lines]
    assert len(" ".join(example.lines)) == len(" ".join(" ".join(example.lines).split()))
