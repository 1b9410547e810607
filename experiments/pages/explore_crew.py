"""The part of the explore page about crews: how many agents are worth having on one world."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from plandrift.experiments.analysis.tables import table
from plandrift.experiments.sweeps.run import Progress, sweep
from plandrift.sim import PlandriftError

TASKS, SHARED = 24, 50
MOST_SEEDS = 12
"""Crews take longer to run than agents alone, and this many seeds decide where a crew is best."""
COLUMNS = {
    "speedup": "times one agent",
    "right_tasks": "tasks right",
    "lost_updates": "updates lost",
    "refused": "calls refused",
    "lock_time": "time waiting for locks",
}
"""What the page says for each number of agents, with its words."""


class Way(NamedTuple):
    """One way to work together.

    Attributes:
        name: for people.
        look: the policy or coordination whose colour it has.
        policy: every agent's policy.
        coordination: as `crew.coordination`.
        repair: as `crew.repair`.
    """

    name: str
    look: str
    policy: str
    coordination: str = "none"
    repair: str = "whole"


WAYS = (
    Way("no guard", "plan-once", "plan-once"),
    Way("locks", "plan-lock", "if-match", "plan-lock"),
    Way("a check", "if-match", "if-match"),
    Way("a check, repaired", "if-match", "if-match", repair="part"),
)


def crew_data(
    agents: Sequence[int], seeds: int, workers: int, tell: Callable[[Progress], None] | None
) -> dict[str, Any]:
    """Return what the page shows of crews of these sizes.

    Raises:
        PlandriftError: the sweep was stopped, or an episode failed.
    """
    spec = {
        "title": "explore",
        "world": "ledger",
        "seeds": min(seeds, MOST_SEEDS),
        "horizon": 5000,
        "grid": {"crew.agents": list(agents)},
        "zip": {
            "policy": [way.policy for way in WAYS],
            "crew.coordination": [way.coordination for way in WAYS],
            "crew.repair": [way.repair for way in WAYS],
        },
        "fixed": {
            "volatility": 0,
            "world.tasks": TASKS,
            "world.steps": 5,
            "world.shared": SHARED,
            "agent.thinking_time": "exponential(1)",
            "agent.step_duration": "exponential(1)",
        },
    }
    by = ["policy", "crew.coordination", "crew.repair", "crew.agents"]
    with tempfile.TemporaryDirectory(prefix="plandrift-") as folder:
        outcome = sweep(spec, Path(folder) / "crew", workers=workers, tell=tell, metrics=[*COLUMNS])
        if outcome.stopped or outcome.failed:
            raise PlandriftError("explore: the sweep of crews was stopped, or an episode failed")
        rows = table(outcome.results, by, [*COLUMNS])
    found = {(row["metric"], *(row[name] for name in by)): row["mean"] for row in rows}
    numbers = [
        [[round(found[metric, *way[2:], float(n)], 3) for metric in COLUMNS] for n in agents] for way in WAYS
    ]
    best = [max(zip(agents, one, strict=True), key=lambda pair: pair[1][0])[0] for one in numbers]
    return {
        "agents": list(agents),
        "tasks": TASKS,
        "shared": SHARED,
        "ways": [[way.name, way.look, way.repair == "part"] for way in WAYS],
        "columns": [*COLUMNS.values()],
        "rows": numbers,
        "best": best,
    }
