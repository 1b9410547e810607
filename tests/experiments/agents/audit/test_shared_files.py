"""What tasks share: the numbers that were put in come out, and pairs are counted as by hand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from plandrift.experiments.agents.audit.shared_files import shared_files
from plandrift.experiments.agents.transcripts.operation import Operation


def used(task: int, fluent: str, writes: bool, ok: bool = True) -> Operation:
    return Operation(
        called=float(task),
        answered=float(task),
        session=f"s{task % 7}",
        agent="",
        turn=task,
        call=f"{task} {fluent} {writes}",
        tool="Edit",
        kind="write" if writes else "read",
        fluent=fluent,
        ok=ok,
    )


@pytest.mark.parametrize("zipf", [0.0, 0.9])
def test_files_a_task_popularity_and_overlap(zipf: float) -> None:
    random = np.random.default_rng(3)
    weights = np.arange(1.0, 61.0) ** -zipf
    rows, uses, writes = [], [], []
    for task in range(300):
        mine = random.choice(60, size=3, replace=False, p=weights / weights.sum())
        names = [f"f{place}" for place in mine]
        uses.append(set(names))
        writes.append({names[0]})
        rows += [used(task, name, writes=name == names[0]) for name in names]
    # Tasks that write nothing, and calls that failed, do not count.
    rows += [used(1000 + n, "f0", writes=False) for n in range(50)]
    rows += [used(task, "elsewhere", writes=True, ok=False) for task in range(50)]
    found = shared_files(rows)
    assert found is not None
    assert (found.files, found.each.mean) == (len(set().union(*uses)), 3)
    assert zipf - 0.1 < found.zipf < zipf + 0.1
    pairs = [bool(writes[a] & uses[b] or writes[b] & uses[a]) for a, b in combinations(range(len(uses)), 2)]
    assert found.overlap.mean == pytest.approx(np.mean(pairs), abs=1e-12)
    assert found.overlap.low < found.overlap.mean < found.overlap.high


def test_one_task_shares_nothing() -> None:
    assert shared_files([used(1, "f1", writes=True), used(2, "f1", writes=False)]) is None
