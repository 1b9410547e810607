"""The cost of a crew: its events per second, against those of as many single agents."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from plandrift.experiments.bench.timing import line, ratio, seconds
from plandrift.policies import if_match
from plandrift.sim import run
from plandrift.worlds import Ledger

AGENTS, TASKS = 32, 96


def events() -> None:
    """Print what a crew of 32 that does 96 tasks costs, against 32 agents with 3 tasks each."""
    print(
        f"a crew of {AGENTS} over {TASKS} tasks, against {AGENTS} single agents over {TASKS // AGENTS} each"
    )
    alone = partial(_play, {}, TASKS // AGENTS, AGENTS)
    line("single agents, events a second", f"{alone() / seconds(alone):,.0f}")
    for word in ("none", "step-lock", "merge-queue"):
        crew = partial(_play, {"agents": AGENTS, "coordination": word}, TASKS, 1)
        found, count = ratio(crew, alone, rounds=3), crew()
        line(f"{word} ({count} events, {count / seconds(crew):,.0f} a second)", found)


def _play(crew: Mapping[str, Any], tasks: int, episodes: int) -> int:
    """Run episodes of the ledger, and return how many SimPy events they took."""
    world = Ledger(tasks=tasks, steps=8, shared=2000, volatility=0.0)
    play = partial(run, world, if_match(), thinking_time=1.0, horizon=1000.0, **crew)
    return sum(play(seed=seed).events for seed in range(episodes))
