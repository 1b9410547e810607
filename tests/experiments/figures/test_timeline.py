"""The timeline of an episode: what it ties to what, and what it tells apart."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import pytest
from matplotlib.patches import ConnectionPatch, Rectangle

from plandrift.experiments.figures.timeline import timeline
from plandrift.policies import plan_once
from plandrift.sim import Episode, run
from plandrift.worlds import Records


def late(latency: float) -> Episode:
    return run(Records(volatility=0.05), plan_once(), seed=11, latency=latency, trace=True)


def bars(figure: Any) -> list[Rectangle]:
    return [bar for group in figure.axes[0].containers for bar in group]


def test_each_call_that_went_wrong_is_tied_to_what_broke_it() -> None:
    episode = late(1.0)
    figure = timeline(episode)
    ties = [artist for artist in figure.artists if isinstance(artist, ConnectionPatch)]
    broke = [(since, step.step) for step in episode.steps if step.misfire for _, since in step.violated]
    assert len(ties) == len(broke) > 3
    assert sorted(tie.xy1[0] for tie in ties) == pytest.approx(sorted(since for since, _ in broke))
    plt.close(figure)


def test_what_was_heard_is_thin_and_what_was_not_is_hatched() -> None:
    for latency, heard, blind in ((0.0, True, False), (100.0, False, True), (1.0, True, True)):
        figure = timeline(late(latency))
        assert any(bar.get_height() < 0.5 for bar in bars(figure)) == heard
        assert any(bar.get_hatch() for bar in bars(figure)) == blind
        plt.close(figure)


def test_a_row_is_named_by_the_call_with_its_arguments() -> None:
    figure = timeline(late(1.0))
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names[0].startswith("1 update_record(0, ")
    plt.close(figure)
