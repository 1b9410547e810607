"""This checkout against another revision: the CPU time of the same episodes, alternating in one run."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

from plandrift.experiments.bench.timing import Spread, line, quartiles
from plandrift.worlds.logs.git_repository import GitRepository

ROOT = Path(__file__).resolve().parents[2]
WORKER = Path(__file__).with_name("worker.py")
BLOCK = 0.03
"""How many CPU seconds of episodes run before the other side takes its turn."""
ROUNDS = 6, 24
"""The minimum and maximum number of pairs of blocks per case."""
SPAN = 1.5
"""How many CPU seconds a case may take, unless the minimum number of rounds takes longer."""
LOADS = 9
"""How often each side is imported."""

Case = tuple[str, dict[str, Any], str]
"""A world, its settings, and a policy."""


def cases() -> Iterator[Case]:
    """Yield the cases that no change may make slower."""
    for volatility in (0.001, 0.0316, 0.422):
        for policy in ("plan-once", "replan-each", "gated"):
            yield "records", {"volatility": volatility}, policy
    for volatility in (0.01, 1.0):
        for policy in ("plan-once", "replan-each"):
            yield "telegraph", {"steps": 20, "volatility": volatility}, policy
    for volatility in (0.1, 1.0):
        yield "telegraph", {"steps": 100, "volatility": volatility}, "replan-each"
    for world in ("tickets", "files", "routes"):
        for policy in ("replan-each", "gated"):
            for volatility in (0.01, 0.422):
                yield world, {"volatility": volatility}, policy


class Side:
    """A tree whose episodes run in a process that stays alive."""

    def __init__(self, root: Path, env: Mapping[str, str]) -> None:
        self._root = root
        self._process = subprocess.Popen(
            [sys.executable, WORKER], cwd=root, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def play(self, case: Case, first: int, count: int) -> tuple[float, int]:
        """Return the CPU seconds that these episodes took, and the number of SimPy events in them."""
        asks, answers = self._process.stdin, self._process.stdout
        assert asks is not None
        assert answers is not None
        asks.write(json.dumps([*case, first, count]).encode() + b"\n")
        asks.flush()
        answer = answers.readline()
        if not answer:
            raise RuntimeError(f"the process of {self._root} ended with {self._process.wait()} in {case}")
        took, events = json.loads(answer)
        return took, events

    def close(self) -> None:
        """Let the process end."""
        self._process.communicate()


def compare(revision: str) -> None:
    """Print one row per case, the geometric mean of all, and the time to import each tree."""
    print(f"CPU seconds at {revision} over those here: above 1, this checkout is faster")
    with tempfile.TemporaryDirectory(prefix="plandrift-bench-") as folder:
        other = Path(folder) / "tree"
        packed = GitRepository(ROOT).output("archive", revision)
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(other, filter="data")
        # Without stored bytecode, loading a module means mostly compiling it.
        env = os.environ | {"PYTHONHASHSEED": "0", "PYTHONPYCACHEPREFIX": f"{folder}/bytecode"}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        here, there = Side(ROOT, env), Side(other, env)
        found = []
        for case in cases():
            gain, events = _gain(here, there, case)
            found.append(gain.middle)
            named = " ".join([case[0], *(f"{name}={value:g}" for name, value in case[1].items()), case[2]])
            line(named, f"{gain}" + ("" if events == 1 else f", {events:.2f} × the events here"))
        here.close()
        there.close()
        loads = [(_load(ROOT, env), _load(other, env)) for _ in range(LOADS + 1)][1:]
    line("geometric mean (aim: at least 1.2 ×)", f"{geometric_mean(found):6.2f} ×")
    line("cases slower here (aim: none)", f"{sum(one < 1 for one in found):6} of {len(found)}")
    line("CPU ms to import run, a world, a policy here (aim: 170)", f"{median(t[0] for t in loads):6.0f}")
    line(f"the same at {revision}", f"{median(t[1] for t in loads):6.0f}")


def _gain(here: Side, there: Side, case: Case) -> tuple[Spread, float]:
    """Return how many times as long it takes there, and how many times as many events there are."""
    here.play(case, 0, 2)
    there.play(case, 0, 2)
    each = (here.play(case, 2, 2)[0] + there.play(case, 2, 2)[0]) / 4
    count = max(1, round(BLOCK / each))
    rounds = min(max(round(SPAN / (2 * count * each)), ROUNDS[0]), ROUNDS[1])
    ratios, events = [], [0, 0]
    for turn in range(rounds):
        # On seeds that neither side has met; the side that begins alternates.
        sides = (here, there) if turn % 2 else (there, here)
        took = {side: side.play(case, 4 + turn * count, count) for side in sides}
        ratios.append(took[there][0] / took[here][0])
        events = [events[0] + took[here][1], events[1] + took[there][1]]
    return quartiles(ratios), events[0] / events[1]


def _load(root: Path, env: Mapping[str, str]) -> float:
    """Return the CPU milliseconds to start Python there and import what an episode needs."""
    done = subprocess.run(
        [sys.executable, WORKER, "load"], cwd=root, env=env, stdout=subprocess.PIPE, check=True
    )
    return 1000 * float(done.stdout)
