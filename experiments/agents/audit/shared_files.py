"""How much the tasks in a trace share files: files per task, how unevenly they are used, overlap.

A task is a turn with a write: what an agent did for one prompt. In a crew of such agents, several of these
tasks run at once (docs/model/crew.md); the popularity of files is the `world.zipf` of the world `ledger`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from plandrift.experiments.agents.transcripts.operation import Operation
from plandrift.experiments.statistics.intervals import LEVEL, SHARE, Interval, from_influence, mean_interval

STEEPEST = 5.0
"""The largest `world.zipf`."""


@dataclass(frozen=True)
class SharedFiles:
    """How much the tasks in a trace share files.

    Attributes:
        files: how many files the tasks read or wrote.
        each: files that a task read or wrote.
        zipf: how uneven their use is: the r-th most used file is used in proportion to r^(−zipf). Each half
            of the tasks ranks the files for a maximum-likelihood fit to the other: ranked by the counts that
            are fitted, even use would look uneven. NaN if there is one file.
        overlap: the share of pairs of tasks in which one wrote a file that the other read or wrote.
    """

    files: int
    each: Interval
    zipf: float
    overlap: Interval


def shared_files(operations: Iterable[Operation]) -> SharedFiles | None:
    """Return how much the tasks in a trace share files; None if there are fewer than two tasks."""
    uses: dict[tuple[str, str, int], set[str]] = {}
    writes: dict[tuple[str, str, int], set[str]] = {}
    for one in operations:
        if one.ok and one.fluent and one.kind != "opaque":
            task = one.session, one.agent, one.turn
            uses.setdefault(task, set()).add(one.fluent)
            if one.kind == "write":
                writes.setdefault(task, set()).add(one.fluent)
    if len(writes) < 2:
        return None
    tasks = list(writes)
    return SharedFiles(
        files=len(set().union(*[uses[task] for task in tasks])),
        each=mean_interval([len(uses[task]) for task in tasks]),
        zipf=_zipf([uses[task] for task in tasks]),
        overlap=_overlap([uses[task] for task in tasks], [writes[task] for task in tasks]),
    )


def _zipf(uses: list[set[str]]) -> float:
    names = sorted(set().union(*uses))
    if len(names) < 2:
        return math.nan
    from scipy import optimize

    halves = [Counter(name for task in uses[start::2] for name in task) for start in (0, 1)]
    logs, used = np.log(np.arange(1, len(names) + 1)), 0.0
    for ranks, counts in (halves, halves[::-1]):
        ranked = sorted(names, key=lambda name: -ranks[name])
        used += float(np.array([counts[name] for name in ranked]) @ logs)
    total = sum(map(Counter.total, halves))

    def loss(steep: float) -> float:
        return steep * used + total * math.log(np.exp(-steep * logs).sum())

    return float(optimize.minimize_scalar(loss, bounds=(0.0, STEEPEST), method="bounded").x)


def _overlap(uses: list[set[str]], writes: list[set[str]]) -> Interval:
    """Return the share of pairs that overlap, with the interval of a U-statistic over tasks."""
    users: dict[str, set[int]] = {}
    for task, fluents in enumerate(uses):
        for fluent in fluents:
            users.setdefault(fluent, set()).add(task)
    meets: list[set[int]] = [set() for _ in uses]
    for task, fluents in enumerate(writes):
        for fluent in fluents:
            for other in users[fluent] - {task}:
                meets[task].add(other)
                meets[other].add(task)
    shares = np.array([len(others) for others in meets]) / (len(uses) - 1)
    mean = float(shares.mean())
    return from_influence(mean, 2 * (shares - mean), LEVEL, SHARE)
