"""The installed command, run as its users run it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import warnings
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from experiments.cli.main import ended
from experiments.sweeps.patience import VARIABLE

COMMAND = str(Path(sys.executable).parent / "plandrift")


def plandrift(
    *args: object, cwd: Path, code: int | None = 0, limit: float = 240, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; `code` is the exit code that it must have, None for any."""
    done = subprocess.run(
        [COMMAND, *map(str, args)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=limit,
        env=os.environ | env,
        check=False,
    )
    if code is not None:
        assert done.returncode == code, done.stderr + done.stdout
    return done


def start(*args: object, cwd: Path, **env: str) -> subprocess.Popen[str]:
    """Run the command beside the test, in a session of its own."""
    return subprocess.Popen(
        [COMMAND, *map(str, args)],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | env,
        start_new_session=True,
    )


def refused(*args: object, cwd: Path, **env: str) -> str:
    """The one line with which a wrong input is refused."""
    done = plandrift(*args, cwd=cwd, code=2, limit=240, **env)
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("plandrift: ")
    assert "Traceback" not in lines[0]
    return lines[0]


class Said(NamedTuple):
    """What a command came to in this process."""

    code: int
    out: str
    err: str


def inside(*args: object, cwd: Path) -> Said:
    """Run the command in this process, which takes a hundredth of the time."""
    out, err = io.StringIO(), io.StringIO()
    before = os.environ.get(VARIABLE)
    with chdir(cwd), redirect_stdout(out), redirect_stderr(err), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = ended([str(arg) for arg in args], False)
    if before is None:
        os.environ.pop(VARIABLE, None)
    else:
        os.environ[VARIABLE] = before
    return Said(code, out.getvalue(), err.getvalue())


def told(*args: object, cwd: Path) -> str:
    """The one line with which a wrong input is refused in this process."""
    said = inside(*args, cwd=cwd)
    assert said.code == 2, said
    assert said.err.startswith("plandrift: ")
    assert said.err.count("\n") == 1, said.err
    return said.err
