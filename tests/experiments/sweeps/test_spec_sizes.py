"""Specs of hostile shape or size: one line each, before anything is made."""

from __future__ import annotations

import os
import resource
import subprocess
from pathlib import Path

import pytest

from plandrift.experiments.sweeps.spec import read_spec
from plandrift.sim import SettingError
from tests.command import COMMAND, refusal

TOP = 'world = "telegraph"\npolicy = "gated"\nseeds = 2\n'

HOSTILE = [
    f"{TOP}[fixed]\nvolatility = 1979-05-27\n",
    f"{TOP}[fixed]\n'world.steps' = 07:32:00\n",
    f"{TOP}[fixed]\nvolatility = 2021-02-30\n",
    f"{TOP}[fixed]\nvolatility = {'9' * 400}\n",
    f"{TOP}[fixed]\nvolatility = {'9' * 5000}\n",
    f"{TOP}horizon = {'9' * 400}\n",
    f"{TOP}[fixed]\nx = {'[' * 5000}{']' * 5000}\n",
    f"{TOP}[grid]\nvolatility = {'[' * 60}1{']' * 60}\n",
    f"{TOP}seeds = 3\n",
    f"{TOP}[fixed]\na.b = 1\na = 2\n",
    f"{TOP}[fixed]\nvolatility = {{a = 1}}\n",
    f"{TOP}[fixed]\nvolatility = nan\n",
    f"{TOP}[fixed]\n'channel.latency' = '\\u0000'\n",
    f"{TOP}[fixed]\n'' = 1\n",
    f"{TOP}[grid]\nvolatility = []\n",
    f"{TOP}[grid]\n" + "".join(f"x{i} = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n" for i in range(60)),
    f"{TOP}[random]\npoints = 1000000000\nvolatility = {{low = 0.1, high = 1}}\n",
    f"{TOP}[random]\nvolatility = {{low = 1e308, high = 1.7e308}}\n",
    TOP.replace("2", "10000000000"),
    'world = "telegraph"\npolicy = "gated"\n'
    'until = {metric = "misfires", half_width = 1e-9, at_most = 1000000000}\n',
    'world = "\\u0000:X"\npolicy = "gated"\nseeds = 2\n',
    'world = "telegraph"\npolicy = "gated\\u0000"\nseeds = 2\n',
    'world = "recorded"\npolicy = "gated"\nseeds = 2\n[fixed]\n"world.log" = "a\\u0000.csv"\n',
    "\x00",
    "= = =",
]
"""Specs in TOML, or what is called so."""


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_a_hostile_spec_is_one_line(number: int, tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text(HOSTILE[number])
    line = refusal("sweep", "spec.toml", "--out", "out", cwd=tmp_path)
    assert "spec.toml" in line
    assert len(line) < 1200
    assert not (tmp_path / "out").exists()


SIZES = [
    (f"{TOP}[grid]\n" + "".join(f"x{i} = [1, 2, 3, 4, 5, 6, 7, 8, 9]\n" for i in range(9)), "conditions"),
    (
        f"{TOP.replace('2', '10000000')}[grid]\nvolatility = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]\n",
        "episodes",
    ),
    (f"{TOP}[fixed]\n'world.steps' = 100000000\n", "at most 1000"),
    (f"{TOP}[fixed]\n'world.fluents' = 1e8\n", "at most 10000"),
    (f"{TOP}[fixed]\n'channel.latency' = 1e308\n", "at most 1e+12"),
]


@pytest.mark.parametrize(("text", "says"), SIZES)
def test_a_size_is_refused_before_anything_is_made(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text(text)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert says in refusal("sweep", "spec.toml", "--out", "out", cwd=tmp_path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_seeds_on_the_command_line_are_bounded_too(tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text(TOP)
    assert "10000000" in refusal("sweep", "spec.toml", "--seeds", 10**9, "--out", "out", cwd=tmp_path)
    assert "10000000" in refusal("demo", "--seeds", 10**9, cwd=tmp_path)


def test_a_spec_in_another_encoding_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_bytes(b"# one\ntitle = 'caf\xe9'\n")
    with pytest.raises(SettingError, match="line 2 is not UTF-8 text"):
        read_spec(tmp_path / "spec.toml")


@pytest.mark.slow
def test_a_machine_with_too_little_memory_is_one_line(tmp_path: Path) -> None:
    """What is within every bound may still be too much for a small machine."""
    little = 300 << 20
    sizes = ["--set", "world.steps=1000", "--set", "world.requires=100"]
    done = subprocess.run(
        [COMMAND, "run", "telegraph", "--policy", "replan-each", "--volatility", "0.01", *sizes],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (little, little)),
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr == "plandrift: out of memory: give smaller sizes, or fewer seeds or conditions\n"
