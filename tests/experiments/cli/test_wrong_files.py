"""Files and values that no command was made for: one line each."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from plandrift.experiments.sweeps.run import sweep
from plandrift.worlds.logs.git_history import import_git
from tests.command import inside, refusal
from tests.experiments.cli.nasty import furnish

RUN = ("run", "records")
RECORDED = ("run", "recorded", "--set")

LINES: list[tuple[tuple[str, ...], str]] = [
    ((*RECORDED, "world.log=latin.csv"), "log latin.csv"),
    ((*RECORDED, "world.log=far.csv"), "is out of range"),
    ((*RECORDED, "world.log=wide.csv"), "line 3"),
    ((*RECORDED, "world.log=loop.csv"), "log loop.csv"),
    ((*RECORDED, "world.log=" + "x" * 300 + ".csv"), "File name too long"),
    (("survival", "wide.csv"), "line 3"),
    (("run", "routes", "--set", "world.graph=loop"), "world.graph = loop"),
    ((*RUN, "--policy", "gated({[]})"), "give numbers and texts as its arguments"),
    ((*RUN, "--policy", "gated(" * 300), "give a name, or name(argument, …)"),
    ((*RUN, "--policy", "os:getcwd"), "is not a policy"),
    ((*RUN, "--latency", "lognormal(1,1e200)"), "give a shape of at most 20"),
    ((*RUN, "--latency", "1e308"), "at most 1e+12"),
    ((*RUN, "--seed", "9" * 30), "give a whole number below"),
    ((*RUN, "--set", "world.records=100000000"), "at most 1000"),
    ((*RUN, "--set", "horizon=" + "9" * 400), "horizon"),
    ((*RUN, "--trace", "x" * 300 + "/t.jsonl"), "File name too long"),
    ((*RUN, "--trace", "/dev/full"), "No space left on device"),
    ((*RUN, "--patience", "0"), "--patience"),
    (("plot", "out", "--x", ""), "--x '': give a name"),
    (("sql", "out", ""), "give a single query"),
    (("table", "cut"), "cut/manifest.json: it is damaged"),
    (("sweep", "spec.toml", "--out", "out", "--seeds", "1"), "give another --out"),
    (("sweep", "spec.toml", "--out", "new", "--cluster", "foo"), "give tcp://HOST:PORT"),
    (("sweep", "spec.toml", "--out", "new", "--cluster", "tls://127.0.0.1:1"), "it requires a certificate"),
]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("furnished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plandrift.experiments.sweeps.run.processes", ThreadPoolExecutor)
        furnish(folder)
    return folder


@pytest.mark.parametrize("number", range(len(LINES)))
def test_what_is_wrong_is_named_in_one_line(number: int, here: Path) -> None:
    words, says = LINES[number]
    said = refusal(*words, cwd=here)
    assert says in said
    assert "--extend to add" not in said


@pytest.mark.slow
def test_few_seeds_with_steps_can_be_drawn_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plandrift.experiments.sweeps.run.processes", ThreadPoolExecutor)
    grid = {"policy": ["gated", "plan-once"], "volatility": [0.05, 0.2]}
    raw: dict[str, Any] = {"world": "telegraph", "seeds": 6, "horizon": 20, "grid": grid}
    sweep(raw, tmp_path / "out", steps=True, workers=1)
    assert inside("plot", "out", "--kind", "step", cwd=tmp_path).code == 0
    assert inside("report", "out", cwd=tmp_path).code == 0
    assert (tmp_path / "report.html").stat().st_size > 10_000


def test_names_that_are_no_text_stay_apart(tmp_path: Path) -> None:
    def git(*words: str | bytes) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", "-C", str(tmp_path), *who, *words], check=True, capture_output=True)

    git("init", "-q")
    for name in (b"a\xe9.txt", b"a\xe8.txt", "aé.txt".encode()):
        path = bytes(tmp_path) + b"/" + name
        with open(path, "w") as file:  # noqa: PTH123 (a path takes no bytes)
            file.write(repr(name))
    git("add", "-A")
    git("commit", "-qm", "names")
    assert import_git(tmp_path, tmp_path / "log.csv").files == 3
    assert "a\\xe9.txt" in (tmp_path / "log.csv").read_text(encoding="utf-8")
