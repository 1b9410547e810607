"""Every figure of a crew, from its trace: by the playback to the last digit, and by a reader of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from plandrift.experiments.playback.episode_from_trace import episode_from_trace
from plandrift.sim import plain, read_lines, write_lines
from tests.sim.crew.reader import CrewCount
from tests.sim.crew.situations import situation

BLOCKS, SIZE = 6, 50
"""In all 300 settings, with every coordination, every policy and every fault."""


@pytest.mark.slow
@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_trace_holds_every_figure(block: int) -> None:
    for number in range(block * SIZE, (block + 1) * SIZE):
        episode = situation(number)
        again = episode_from_trace(episode.trace)
        assert plain(again.metrics.row()) == plain(episode.metrics.row()), number
        assert again.steps == episode.steps, number
        for one, other in zip(episode.agents, again.agents, strict=True):
            assert plain(one.metrics.row()) == plain(other.metrics.row()), number
        counted = CrewCount([event.row() for event in episode.trace]).figures
        row = episode.metrics.row()
        for name, value in counted.items():
            assert row[name] == pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True), (number, name)


def test_a_file_holds_the_same_trace(tmp_path: Path) -> None:
    episode = situation(10)
    write_lines(episode.trace, tmp_path / "trace.jsonl")
    again = episode_from_trace(read_lines(tmp_path / "trace.jsonl"))
    assert plain(again.metrics.row()) == plain(episode.metrics.row())
    assert len(again.agents) == len(episode.agents) > 1
