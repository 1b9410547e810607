"""The installed command, run as its users run it."""

from __future__ import annotations

import importlib
import io
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from plandrift.experiments.cli.main import TRACEBACK, ended
from plandrift.experiments.sweeps import condition
from plandrift.experiments.sweeps.wall_clock_limit import SECONDS, VARIABLE

ROOT = Path(__file__).resolve().parents[1]
COMMAND = str(Path(sys.executable).parent / "plandrift")


def plandrift(*args: object, cwd: Path, code: int | None = 0) -> subprocess.CompletedProcess[str]:
    """Run the command to its end in this process; `code` is the exit code that it must have, None for any."""
    said = inside(*args, cwd=cwd)
    if code is not None:
        assert said.code == code, said.err + said.out
    return subprocess.CompletedProcess([*map(str, args)], said.code, said.out, said.err)


def apart(
    *args: object, cwd: Path, code: int | None = 0, limit: float = 240, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a process of its own, for what only a process has."""
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


def refused(*args: object, cwd: Path) -> str:
    """The one line with which a wrong input is refused."""
    return _line(plandrift(*args, cwd=cwd, code=2))


def refused_apart(*args: object, cwd: Path) -> str:
    """The one line with which a process of its own refuses a wrong input."""
    return _line(apart(*args, cwd=cwd, code=2))


def _line(done: subprocess.CompletedProcess[str]) -> str:
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
    """Run the command in this process, which takes a hundredth of the time, and leave it as it was.

    Episodes run in threads: that the rows of processes are the same is tested once.
    """
    out, err = io.StringIO(), io.StringIO()
    words = [str(arg) for arg in args]
    with chdir(cwd), redirect_stdout(out), redirect_stderr(err), warnings.catch_warnings(), _as_it_was(cwd):
        warnings.simplefilter("ignore")
        code = ended([word for word in words if word != TRACEBACK], TRACEBACK in words)
    return Said(code, out.getvalue(), err.getvalue())


@contextmanager
def _as_it_was(folder: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path])
        patch.setattr(sys, "dont_write_bytecode", True)
        patch.setattr("plandrift.experiments.sweeps.run.processes", ThreadPoolExecutor)
        patch.setenv(VARIABLE, os.environ.get(VARIABLE, str(SECONDS)))
        importlib.invalidate_caches()
        before = set(sys.modules)
        try:
            yield
        finally:
            # The user's own modules: another test's have the same names.
            own = [name for name in set(sys.modules) - before if _is_in(folder, sys.modules[name])]
            for name in own:
                del sys.modules[name]
            if own:
                condition._parts_of.cache_clear()


def _is_in(folder: Path, module: object) -> bool:
    file = Path(getattr(module, "__file__", None) or "/").resolve()
    return file.is_relative_to(folder.resolve()) and not file.is_relative_to(ROOT)


def refusal(*args: object, cwd: Path) -> str:
    """The one line with which a wrong input is refused in this process."""
    return f"{refused(*args, cwd=cwd)}\n"
