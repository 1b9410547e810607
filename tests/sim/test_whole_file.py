"""What could not be written to its end leaves what was there, and nothing beside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plandrift.sim.terms.whole_file import whole_file
from plandrift.sim.trace.files import write_lines


def test_half_a_file_is_none(tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    trace.write_text("old")
    with pytest.raises(AttributeError):
        write_lines([object()], trace)  # type: ignore[list-item]
    assert trace.read_text() == "old"
    assert list(tmp_path.iterdir()) == [trace]


def test_links_and_pipes_stay_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("old")
    (tmp_path / "link").symlink_to("kept.txt")
    with whole_file(tmp_path / "link") as beside:
        beside.write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "kept.txt").read_text() == "new"
    os.mkfifo(tmp_path / "pipe")
    with whole_file(tmp_path / "pipe") as beside:
        assert beside == tmp_path / "pipe"
