"""What a drawing may cost is known before it is made, and --patience ends it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.command import refused


@pytest.mark.slow
def test_more_than_fits_is_refused_with_what_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("run", "files", "--volatility", 20, "--set", "world.importers=40", "--figure", "f.svg")
    began = time.monotonic()
    said = refused(*words, cwd=tmp_path)
    assert "135811 bars, dots and lines, more than the 10000 that fit: give a --horizon of about 3" in said
    assert time.monotonic() - began < 40
    assert not list(tmp_path.iterdir())


def test_patience_covers_drawing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr("plandrift.experiments.figures.timeline.timeline", never)
    said = refused("run", "telegraph", "--figure", "f.svg", "--patience", 1, cwd=tmp_path)
    assert "--figure: drawing took longer than 1 s" in said
    assert not list(tmp_path.iterdir())
