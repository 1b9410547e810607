"""Nothing that a user types breaks it: any command line ends soon, with one line where it is refused."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from typer.core import TyperCommand

from plandrift.experiments.sweeps.wall_clock_limit import VARIABLE
from tests.command import COMMAND, inside
from tests.experiments.cli.nasty import ALL, HEAVY, NEEDED, OUT, command_lines, furnish

pytestmark = pytest.mark.long

CODES = (0, 1, 2, 130)
SECONDS = 20
GIGABYTE = 1 << 20


def peak() -> int:
    """The most memory that this process has held, in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


"""In the kilobytes that the system counts in."""

RANDOM = "PLANDRIFT_FUZZ"
"""Set to a number in the environment, so many times as much is tried, and other lines each time."""

TIMES = int(os.environ.get(RANDOM, "1"))


def hold(words: list[str], code: int, out: str, err: str) -> None:
    """What every command line must keep."""
    said = f"{words}: {code}: {err[:2000]}"
    assert code in CODES, said
    assert "Traceback" not in err + out, said
    assert "this is a bug in plandrift" not in err, said
    if code == 2:
        assert err.startswith("plandrift: "), said
        assert err.count("\n") == 1, said


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with everything in it that a command line may name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plandrift.experiments.sweeps.run.processes", ThreadPoolExecutor)
        patch.setenv(VARIABLE, "2")
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        folder = tmp_path_factory.mktemp("box") / "furnished"
        folder.mkdir()
        furnish(folder)
        yield folder


def fresh(box: Path, name: str) -> Path:
    """A copy of the furnished folder, alone in a folder of its own."""
    here = box.parent / name / "here"
    shutil.rmtree(here.parent, ignore_errors=True)
    shutil.copytree(box, here, symlinks=True)
    return here


TRIED: Counter[str] = Counter()
"""How many lines of each command ended with which exit code, and under `ran` how many got past parsing."""


def tries(count: int) -> settings:
    """So many command lines."""
    return settings(
        max_examples=count * TIMES,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # a line that takes all of its time is not to be tried again and again
        derandomize=RANDOM not in os.environ,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.slow
def test_no_command_line_breaks_it(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = fresh(box, "inside")
    invoke = TyperCommand.invoke

    def counted(command: TyperCommand, context: Any) -> object:
        TRIED["ran"] += 1
        return invoke(command, context)

    monkeypatch.setattr(TyperCommand, "invoke", counted)

    @tries(400)
    @given(command_lines())
    def try_it(words: list[str]) -> None:
        def late(_number: int, _frame: FrameType | None) -> None:
            raise AssertionError(f"{words}: it goes on after {SECONDS} s")

        # On the processor's clock: the machine may be busy with other tests.
        before = signal.signal(signal.SIGPROF, late)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            said = inside(*words, cwd=here)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)
        TRIED[f"{words[0]} {said.code}"] += 1
        hold(words, *said)
        assert [path.name for path in here.parent.iterdir()] == ["here"], words

    assert {*HEAVY, *NEEDED, *OUT} <= set(ALL), "a command has another name now"
    before = peak()
    try_it()
    print(dict(TRIED))
    ran = TRIED.pop("ran")
    assert TRIED.total() >= 400
    assert ran > 0.6 * TRIED.total()
    assert sum(said for line, said in TRIED.items() if not line.endswith(" 2")) > 0.15 * TRIED.total()
    # Other tests ran in this process: what they took is not the command's.
    assert peak() <= max(GIGABYTE, before)


@pytest.mark.slow
def test_no_process_breaks(box: Path) -> None:
    here = fresh(box, "outside")

    @tries(40)
    @given(command_lines())
    def try_it(words: list[str]) -> None:
        done = subprocess.run(
            [COMMAND, *[word.encode(errors="surrogateescape") for word in words]],
            cwd=here,
            capture_output=True,
            timeout=3 * SECONDS,  # the machine may be busy with other tests
            check=False,
        )
        hold(words, done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode())
        assert [path.name for path in here.parent.iterdir()] == ["here"], words

    try_it()
    # A child's peak begins with what its parent held when it was made.
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= max(GIGABYTE, peak())
