"""How far a sweep is, in plain lines: no time left that nobody knows, no total that is passed."""

from __future__ import annotations

import itertools
import time

import pytest

from plandrift.experiments.cli.progress import Display, EpisodeCount
from plandrift.experiments.sweeps.run import Progress


@pytest.fixture(autouse=True)
def slow_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the clock is 20 seconds after the one before, so that every line is printed."""
    ticks = itertools.count(0.0, 20.0)
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (Progress(0, 40, 0, 0.0), "s: 0 of 40 episodes, rate not known yet"),
        (Progress(10, 40, 0, 0.25), "s: 10 of 40 episodes, 4.0 s per episode, 2 min left"),
        (Progress(10, 40, 1, 5.0), "s: 10 of 40 episodes, 5 per second, 6.0 s left, 1 failed"),
        (Progress(82, 3, 0, 5.0), "s: 82 of 82 episodes, 5 per second, 0.0 s left"),
        (Progress(82, 0, 0, 5.0), "s: 82 episodes, 5 per second"),
    ],
)
def test_a_line_says_what_is_known(progress: Progress, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    Display("s")(progress)
    assert capsys.readouterr().err == f"{line}\n"


def test_a_count_has_no_end_that_it_could_pass(capsys: pytest.CaptureFixture[str]) -> None:
    with EpisodeCount("faults") as tell:
        tell(8)
        tell(88)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "faults: 8 episodes, rate not known yet"
    # 80 since the first look at the clock, whatever came before it.
    assert lines[1].startswith("faults: 88 episodes, ")
    assert "left" not in lines[1]
