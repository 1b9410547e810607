"""What is printed where it cannot be printed, and text from data that is no markup."""

from __future__ import annotations

import subprocess
from pathlib import Path

import duckdb
import pytest

from plandrift.experiments.cli.main import ended
from tests.command import COMMAND, apart, inside
from tests.experiments.cli.nasty import MINE

pytestmark = pytest.mark.long


@pytest.mark.parametrize("words", ["worlds", "run records --json", "--help"])
def test_a_full_disk_at_the_other_end_is_one_line(words: str, tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [COMMAND, *words.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "plandrift: standard output: No space left on device: make room, or give another path"
    ]


def test_a_locale_that_has_no_letters_gets_escapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("PYTHONUTF8", "0")
    monkeypatch.setenv("PYTHONCOERCECLOCALE", "0")
    said = apart("worlds", "telegraph", cwd=tmp_path).stdout
    assert "rate \\u03bb" in said
    (tmp_path / "spec.toml").write_text(
        'title = "λ"\nworld = "telegraph"\npolicy = "gated"\nseeds = 2\n', "utf-8"
    )
    apart("sweep", "spec.toml", "--out", "out", cwd=tmp_path)
    assert "λ" in (tmp_path / "out" / "spec.toml").read_text(encoding="utf-8")


def test_text_from_data_is_no_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tags.py").write_text(MINE)
    monkeypatch.syspath_prepend(tmp_path)
    said = inside("run", "tags:Door", "--wide", "--set", "agent.thinking_time=1", cwd=tmp_path)
    assert said.code == 0
    assert "[/b] (0.50)" in said.out, said.out
    assert "[/i]()" in said.out
    slipped = inside("run", "records", "--set", "agent.slip=1", "--seed", 3, "--wide", cwd=tmp_path).out
    assert "[planned: " in slipped


@pytest.mark.parametrize("error", [MemoryError(), duckdb.OutOfMemoryException("no block")])
def test_out_of_memory_is_one_line(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("plandrift.experiments.cli.commands.run.condition", full)
    assert ended(["run", "records"], False) == 2
    assert capfd.readouterr().err.startswith("plandrift: out of memory: give smaller sizes")
