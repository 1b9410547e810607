"""The film: the replay's own data, frame by frame."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from plandrift.experiments.pages import film
from plandrift.experiments.pages.replay import replay_data
from plandrift.experiments.playback.flagship import flagship
from tests.command import plandrift, refused


def test_time_slows_down_before_the_moment_and_is_held_on_it() -> None:
    data = replay_data(flagship()[0])
    shots = list(film.shots(data))
    assert [a.time <= b.time and a.events <= b.events for a, b in pairwise(shots)].count(False) == 0
    held = [shot for shot in shots if shot.held is not None]
    assert {shot.time for shot in held} == {data["moments"][0][0]}
    assert len(held) > 5 * film.RATE
    steps = [b.time - a.time for a, b in pairwise(shots) if a.held is None and b.held is None]
    assert min(step for step in steps if step > 0) < max(steps) / 2
    assert (shots[-1].time, shots[-1].events) == (data["duration"], len(data["events"]))


@pytest.mark.long
def test_a_film_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "RATE", 1)
    out = tmp_path / "film.gif"
    frames = film.film([replay_data(flagship()[3])], out, 600.0)
    with Image.open(out) as made:
        assert made.size == (960, 540)
        # Frames that are alike are kept as one that lasts longer.
        assert 4 < made.n_frames <= frames  # type: ignore[attr-defined]


def test_a_film_that_would_take_too_long_is_refused_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film, "TRIED", 2)
    words = ("replay", "records", "--film", "film.gif", "--patience", 3)
    said = plandrift(*words, cwd=tmp_path, code=2).stderr
    assert re.search(r"it would have \d+ frames and take \d+ s, more than 3", said)
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
