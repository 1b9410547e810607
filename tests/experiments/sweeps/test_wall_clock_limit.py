"""An episode over the wall-clock limit stops a sweep, and is not among its results."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plandrift.experiments.sweeps import condition
from plandrift.experiments.sweeps.results import Results
from plandrift.experiments.sweeps.wall_clock_limit import WallClockLimitError, wall_clock_limit
from plandrift.sim.usercode.checks import MOST
from tests.command import inside, refusal
from tests.experiments.sweeps.test_run import rows

SLOW = """\
import time
from dataclasses import dataclass
from plandrift.worlds import Telegraph


@dataclass(frozen=True)
class Slow(Telegraph):
    '''One that never begins on one seed in thirty.'''

    def begin(self, random, horizon):
        if horizon > 1 and HANGS and random["mine"].random() < 1 / 30:
            CODE
        return super().begin(random, horizon)
"""
SEED = 7
"""The first seed on which it never begins."""

WAITS = "while True: time.sleep(0.01)"
CATCHES = """try:
                while True: time.sleep(0.01)
            except BaseException as error:
                raise ValueError("never mind") from error"""
GOES_ON = """try:
                while True: time.sleep(0.01)
            except BaseException:
                pass"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr("plandrift.experiments.sweeps.run.processes", ThreadPoolExecutor)
    (tmp_path / "spec.toml").write_text(
        'world = "slow:Slow"\nseeds = 40\n[grid]\npolicy = ["gated", "plan-once"]\n'
    )
    forget()
    yield tmp_path
    forget()


def forget() -> None:
    sys.modules.pop("slow", None)
    condition._parts_of.cache_clear()


@pytest.mark.long
@pytest.mark.parametrize("code", [WAITS, CATCHES, GOES_ON], ids=["waits", "another error", "goes on"])
def test_what_never_returns_stops_the_sweep_and_leaves_no_row(code: str, here: Path) -> None:
    (here / "slow.py").write_text(SLOW.replace("HANGS", "True").replace("CODE", code))
    said = refusal("sweep", "spec.toml", "--out", "out", "--workers", 1, "--patience", 0.3, cwd=here)
    assert f"gated, seed {SEED}: an episode took longer than 0.3 s: Slow.begin was running" in said
    assert f"({here / 'slow.py'}:" in said
    assert "the same command resumes" in said
    assert Results(here / "out").failures() == []
    kept = rows(here / "out")
    assert 10 <= len(kept) < 80
    assert ("gated", SEED) not in {(row[2], row[4]) for row in kept}
    forget()
    (here / "slow.py").write_text(SLOW.replace("HANGS", "False").replace("CODE", "pass"))
    assert inside("sweep", "spec.toml", "--out", "out", "--workers", 1, cwd=here).code == 0
    assert set(kept) < set(rows(here / "out"))
    assert len(rows(here / "out")) == 80


class Lingers:
    """Takes longer to be finished with than the episode may."""

    def __del__(self) -> None:
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            time.sleep(0.01)


@pytest.mark.parametrize("threads", [False, True], ids=["the main thread", "another thread"])
def test_what_ends_in_a_finalizer_is_ended_after_it_and_nothing_is_printed(
    threads: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No exception leaves a finalizer; Python would print it and go on."""
    monkeypatch.setenv("PLANDRIFT_PATIENCE", "0.1")
    printed: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", printed.append)

    def episode() -> None:
        with wall_clock_limit():
            Lingers()
            while True:
                time.sleep(0.01)

    monkeypatch.setattr("plandrift.experiments.sweeps.wall_clock_limit._WATCHERS", [])
    with ThreadPoolExecutor() as pool, pytest.raises(WallClockLimitError, match=r"took longer than 0\.1 s"):
        pool.submit(episode).result() if threads else episode()
    assert printed == []


def test_an_alarm_at_the_very_end_leaves_no_timer_and_no_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    set_timer, late, before = signal.setitimer, iter([True]), signal.getsignal(signal.SIGALRM)

    def with_an_alarm(which: int, seconds: float, interval: float = 0.0) -> None:
        if not seconds and next(late, False):
            signal.raise_signal(signal.SIGALRM)
        set_timer(which, seconds, interval)

    monkeypatch.setattr(signal, "setitimer", with_an_alarm)
    with pytest.raises(WallClockLimitError), wall_clock_limit():
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before


def test_so_many_changes_are_refused_with_what_is_taken(tmp_path: Path) -> None:
    """Bounded is what all fluents come to together, in a sweep before anything is run."""
    most = MOST / 200 / 20
    words = ("run", "telegraph", "--set", "world.steps=10")
    line = refusal(*words, "--volatility", most * 1.001, cwd=tmp_path)
    assert "its 20 fluents by the horizon of 200: give at most 500, or a horizon of at most 199.8" in line
    assert inside(*words, "--volatility", most, cwd=tmp_path).code == 0
    (tmp_path / "spec.toml").write_text(
        'world = "telegraph"\npolicy = "gated"\nseeds = 2\n[grid]\nvolatility = [0.1, 900]\n'
    )
    assert "give at most 500" in refusal("sweep", "spec.toml", "--out", "out", cwd=tmp_path)
    assert not (tmp_path / "out").exists()
