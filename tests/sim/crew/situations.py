"""Random settings of a crew, with everything that can go wrong in them."""

from __future__ import annotations

import random
from typing import Any

from plandrift.policies import POLICIES
from plandrift.sim import Episode, run
from plandrift.sim.settings.coordinations import COORDINATIONS
from plandrift.worlds import Ledger, Records, Telegraph, Tickets

WORDS = list(COORDINATIONS)


def situation(number: int) -> Episode:
    """A crew's episode, drawn from all settings by its number."""
    draw = random.Random(number)
    word = WORDS[number % len(WORDS)]
    lease = draw.choice([None, None, 1.5, 4.0]) if COORDINATIONS[word].locks else None
    ledger = Ledger(
        tasks=draw.choice([3, 8, 14]),
        steps=draw.choice([1, 3, 5]),
        shared=draw.choice([6, 12, 30]),
        volatility=draw.choice([0.0, 0.02]),
        modify=draw.random() < 0.6,
        zipf=draw.choice([0.0, 1.0]),
        values=draw.choice([2, 100]),
    )
    other = draw.choice([Records(records=5), Telegraph(steps=6, fluents=4, requires=2), Tickets()])
    settings: dict[str, Any] = {
        "agents": draw.choice([1, 2, 3, 5]),
        "coordination": word,
        "lease": lease,
        "fenced": bool(lease and draw.random() < 0.5),
        "victim": draw.choice(["youngest", "requester"]),
        "models": draw.choice([None, 1, 2]),
        "repair": draw.choice(["whole", "part"]),
        "share": draw.choice(["pool", "split", "overlap"]),
        "spread": draw.choice([0.0, 5.0]),
        "merge_time": draw.choice([0, 0.5]),
        "notify_latency": draw.choice([0, 0.3]),
        "latency": draw.choice([0, 0.7, "exponential(1)"]),
        "sampling": draw.choice(["push", "poll", "on-action"]),
        "loss": draw.choice([0, 0.2]),
        "thinking_time": draw.choice([0, 1.0, "exponential(2)"]),
        "thinking": draw.choice(["blocking", "concurrent"]),
        "interrupted": draw.choice(["finish", "restart", "replace"]),
        "step_duration": draw.choice([1.0, "exponential(1)"]),
        "action_latency": draw.choice([0, 0.3]),
        "read_latency": draw.choice([0, 0.2]),
        "prepare_time": draw.choice([0, 0.2]),
        "slip": draw.choice([0, 0.1]),
        "lost_ack": draw.choice([0, 0.1]),
        "silent_success": draw.choice([0, 0.1]),
        "planner_error": draw.choice([0, 0.1]),
        "mode": draw.choice(["shared", "summary"]),
        "fidelity": 0.8,
        "delay": draw.choice([0, 0.4]),
    }
    many = settings["agents"] > 1 and draw.random() < 0.3
    policies = [POLICIES[draw.choice(list(POLICIES))]() for _ in range(settings["agents"])]
    return run(
        other if many else ledger,
        policies[0],
        policies=policies,
        seed=draw.randrange(1000),
        horizon=draw.choice([30.0, 150.0]),
        trace=True,
        **settings,
    )
