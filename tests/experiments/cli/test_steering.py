"""What stands in names and values cannot steer a terminal, nor begin a line of its own."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from plandrift.experiments.statistics.visible import on_one_line, visible
from tests.command import COMMAND, ROOT, plandrift, start
from tests.experiments.cli.test_sql import here

__all__ = ["here"]
NASTY = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202eevil\nplandrift: all is well\r"
STYLE = re.compile("\x1b\\[[0-9;]*m")
SELECT = "select 'a' || chr(27) || '[31m' || chr(10) || 'plandrift: all is well' as \"x\x1b[2Jy\""


def on_terminal(*words: str, cwd: Path) -> str:
    """What a command writes to a terminal."""
    ours, its = pty.openpty()
    env = os.environ | {"COLUMNS": "400"}
    with subprocess.Popen([COMMAND, *words], cwd=cwd, env=env, stdin=its, stdout=its, stderr=its) as process:
        os.close(its)
        said = b""
        while block := _read(ours):
            said += block
    os.close(ours)
    assert process.returncode == 0, said
    return said.decode()


def _read(file: int) -> bytes:
    try:
        return os.read(file, 1 << 16)
    except OSError:  # so it is said on Linux that the other side is closed
        return b""


def steers(said: str) -> set[str]:
    """The characters in it that are no text, those apart with which our own styles are made."""
    return {c for c in STYLE.sub("", said).replace("\r\n", "") if not c.isprintable()}


def hostile_log(folder: Path) -> None:
    """A change log whose names steer."""
    lines = [f'{at},"{NASTY}{number % 3}",{at},{at},ana' for number, at in enumerate(range(1, 60))]
    (folder / "log.csv").write_text("time,fluent,value,change,who\n" + "\n".join(lines) + "\n", newline="")


@pytest.mark.parametrize("words", [["--narrate"], ["--wide"], []])
def test_names_of_a_world_on_a_terminal(words: list[str], tmp_path: Path) -> None:
    hostile_log(tmp_path)
    place = ["--set", "world.log=log.csv", "--set", "world.from_first=1"]
    said = on_terminal("run", "recorded", *place, *words, cwd=tmp_path)
    assert "evil" in said
    assert not steers(said)
    assert "\nplandrift: " not in said


@pytest.mark.parametrize("form", ["text", "csv", "json", "markdown"])
def test_answers_of_sql_on_a_terminal(form: str, here: Path) -> None:
    said = on_terminal("data", "sql", "out[1]'s", SELECT, "--format", form, cwd=here)
    assert "[31m" in said
    assert "\x1b[31m" not in said
    assert not steers(said)
    assert form == "csv" or "\nplandrift: " not in said


def test_a_program_gets_the_csv_as_it_is(here: Path) -> None:
    process = start("data", "sql", "out[1]'s", SELECT, "--format", "csv", cwd=here)
    assert "a\x1b[31m\nplandrift: all is well" in process.communicate()[0]
    assert "\x1b" not in plandrift("data", "sql", "out[1]'s", SELECT, cwd=here).stdout


def test_what_is_printed_otherwise(tmp_path: Path) -> None:
    """Whatever prints, the stream is the door: here the path of a file that was asked for."""
    said = on_terminal("data", "graph", "records", "--out", "x\x1b[2Jy.svg", cwd=tmp_path)
    assert "x\\x1b[2Jy.svg" in said
    assert not steers(said)


def test_there_is_no_other_console() -> None:
    rooms = [*(ROOT / "experiments").rglob("*.py"), *(ROOT / "sim").rglob("*.py")]
    found = {str(p.relative_to(ROOT)) for p in rooms if re.search(r"import .*\bConsole\b", p.read_text())}
    assert found == {"experiments/cli/printing.py"}


def test_visible() -> None:
    assert visible("λ\t1\n") == "λ\t1\n"
    assert not steers(visible(NASTY).replace("\n", ""))
    assert on_one_line(NASTY).isprintable()
