"""The film: the replay's own data, frame by frame."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from matplotlib import pyplot as plt
from PIL import Image

from plandrift.experiments.pages import film, film_frame
from plandrift.experiments.pages.replay import replay_data, replays
from plandrift.experiments.playback.flagship import flagship
from plandrift.policies import look_first, plan_once
from plandrift.sim import run
from plandrift.worlds import Records
from tests.command import plandrift, refused


def test_time_slows_down_before_the_moment_and_is_held_on_it() -> None:
    lanes = replays(flagship())[:2]
    shots = list(film.shots(lanes))
    assert len(shots) / film.RATE == pytest.approx(film.LENGTH, abs=0.5)
    assert [a.time <= b.time and a.events <= b.events for a, b in pairwise(shots)].count(False) == 0
    assert shots[0].events == tuple(data["begin"] for data in lanes)
    held = [shot for shot in shots if any(shot.held)]
    assert {shot.time for shot in held} == {lanes[0]["moments"][0][0]}
    assert len(held) > 5 * film.RATE
    # What is said of both is said once.
    assert [len(said.split(". ")) for said in film.sentences(held[0].held)] == [3, 1]
    steps = [b.time - a.time for a, b in pairwise(shots) if not any(a.held + b.held)]
    assert min(step for step in steps if step > 0) < max(steps) / 2
    assert shots[-1].time == max(data["duration"] for data in lanes)
    assert shots[-1].events == tuple(len(data["events"]) for data in lanes)


def test_a_frame_is_large_enough_to_read_and_nothing_hangs_over_the_edge() -> None:
    """On ten records, of which each lane has room for five: the one at fault is among them."""
    episodes = [
        run(Records(volatility=0.1), policy, seed=7, latency=1.0, read_latency=0.2, trace=True)
        for policy in (plan_once(), look_first())
    ]
    lanes = [replay_data(episode) for episode in episodes]
    figure = plt.figure(figsize=(12.8, 7.2), dpi=film_frame.DOTS)
    painter = film_frame.FramePainter(figure, lanes)
    try:
        for shot in [shot for shot in film.shots(lanes) if any(shot.held)][:: 12 * film.RATE]:
            painter.draw(shot)
            figure.canvas.draw()
            texts = [text for text in figure.axes[0].texts if text.get_text()]
            for text in texts:
                box = text.get_window_extent()
                assert (box.x0 >= 0, box.x1 <= 960, box.y0 >= 0, box.y1 <= 540) == (True,) * 4, text
                assert float(text.get_fontsize()) * film_frame.DOTS / 72 >= 18 - 1e-6
            for data, moment in zip(lanes, shot.held, strict=True):
                if moment is not None:
                    name = data["rows"][int(re.findall(r"record (\d+)", moment[4])[-1])]
                    assert name.replace("-", " ") in {text.get_text() for text in texts}
    finally:
        plt.close(figure)


@pytest.mark.long
def test_a_film_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "RATE", 1)
    out = tmp_path / "film.gif"
    frames = film.film(replays(flagship()[2:3]), out, 600.0)
    with Image.open(out) as made:
        assert made.size == (960, 540)
        # Frames that are alike are kept as one that lasts longer.
        assert 4 < made.n_frames <= frames  # type: ignore[attr-defined]


def test_a_film_that_would_take_too_long_is_refused_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film, "TRIED", 2)
    words = ("replay", "records", "--film", "film.gif", "--patience", 10)
    said = plandrift(*words, cwd=tmp_path, code=2).stderr
    assert re.search(r"it would have \d+ frames and take \d+ s, more than 10", said)
    assert [path.name for path in tmp_path.iterdir()] == ["replay.html"]


@pytest.mark.slow
def test_the_command_makes_one(tmp_path: Path) -> None:
    said = plandrift(
        "replay", "telegraph", "--set", "world.steps=2", "--film", "film.gif", cwd=tmp_path
    ).stdout
    assert "film: film.gif" in said
    assert (tmp_path / "film.gif").stat().st_size > 5000


def test_wrong_input_is_one_line(tmp_path: Path) -> None:
    assert "end its name in .gif or .mp4" in refused("replay", "--flagship", "--film", "x.avi", cwd=tmp_path)
    assert "there is no folder" in refused("replay", "--flagship", "--film", "no/x.gif", cwd=tmp_path)
    both = refused("replay", "records", "--flagship", cwd=tmp_path)
    assert "give one of them" in both
