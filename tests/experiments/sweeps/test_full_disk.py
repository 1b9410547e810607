"""A disk that is full: said in one line, and the same command goes on when there is room."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.command import apart
from tests.experiments.sweeps.test_run import rows

pytestmark = pytest.mark.long

SPEC = 'world = "telegraph"\nseeds = 300\nhorizon = 20\n[grid]\npolicy = ["gated", "plan-once"]\n'


def mounted(folder: Path, *options: str) -> bool:
    done = subprocess.run(
        ["mount", "-t", "tmpfs", *options, "tmpfs", folder], check=False, capture_output=True
    )
    return done.returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 96 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    with suppress(FileNotFoundError):
        if mounted(folder, "-o", "size=96k"):
            yield folder
            subprocess.run(["umount", folder], check=True)
            return
    pytest.skip("no disk can be mounted here")


@pytest.mark.slow
@pytest.mark.parametrize("left", [0, 20], ids=["at the start", "soon after"])
def test_the_second_try_goes_on_when_there_is_room(left: int, disk: Path, tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(SPEC)
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        file.write(b"x" * 1024 * (96 - left))
    said = apart("sweep", spec, "--out", disk / "out", "--workers", 1, "--steps", cwd=tmp_path, code=2)
    assert "No space left on device" in said.stderr
    assert "make room" in said.stderr
    assert said.stderr.count("\n") == 1, said.stderr
    filler.unlink()
    assert mounted(disk, "-o", "remount,size=16m")
    apart("sweep", spec, "--out", disk / "out", "--workers", 1, "--steps", cwd=tmp_path)
    apart("sweep", spec, "--out", tmp_path / "whole", "--workers", 1, "--steps", cwd=tmp_path)
    assert rows(disk / "out") == rows(tmp_path / "whole")
