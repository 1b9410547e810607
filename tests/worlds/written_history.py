"""A change log for the tests: colleagues editing a few documents, three or so at a time."""

from __future__ import annotations

import csv
import random
import tempfile
from functools import cache
from pathlib import Path


def write_history(path: Path, sets: int = 400, documents: int = 8, seed: int = 1) -> None:
    """Write a log of so many change sets, ten minutes apart on average, by three people."""
    draw = random.Random(seed)
    now, value = 0.0, 0
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time", "fluent", "value", "set", "who"])
        for number in range(sets):
            now += draw.expovariate(1 / 600)
            who = draw.choice(["ana", "bo", "chen"])
            for document in draw.sample(range(documents), draw.choice([1, 1, 2, 3])):
                value += 1
                writer.writerow([round(now, 2), f"doc-{document}", f"v{value}", f"s{number}", who])


@cache
def history() -> str:
    """The path of such a log, written once a process."""
    path = Path(tempfile.mkdtemp(prefix="plandrift-history-")) / "history.csv"
    write_history(path)
    return str(path)
