"""Problems and overlays that cannot be read: one line each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import refusal
from tests.experiments.sweeps.test_spec_sizes import HOSTILE

LINES = [
    ("world.domain=latin.pddl", "line 2 is not UTF-8 text"),
    ("world.domain=dir", "Is a directory"),
    ("world.domain=loop", "Too many levels of symbolic links"),
    ("world.overlay=latin.toml", "line 2 is not UTF-8 text"),
    ("world.overlay=bad-2.toml", "overlay bad-2.toml"),
    ("world.overlay=bad-4.toml", "a value cannot be read"),
    ("world.overlay=bad-6.toml", "its lists are nested too deeply"),
]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("furnished")
    for i, text in enumerate(HOSTILE):
        (folder / f"bad-{i}.toml").write_text(text)
    for name in ("latin.toml", "latin.pddl"):
        (folder / name).write_bytes(b"one\n\xe9t\xe9\n")
    (folder / "dir").mkdir()
    (folder / "loop").symlink_to("loop")
    return folder


@pytest.mark.parametrize(("setting", "says"), LINES)
def test_what_is_wrong_is_named_in_one_line(setting: str, says: str, here: Path) -> None:
    assert says in refusal("run", "pddl", "--set", setting, cwd=here)
