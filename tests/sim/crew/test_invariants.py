"""What each coordination promises, on random settings of a world that only its agents change."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from plandrift.experiments.playback.playback import Playback
from plandrift.policies import gate_only, gated, if_match, look_first, plan_once, read_back
from plandrift.sim import Episode, Streams, run
from plandrift.worlds import Ledger

GATES = (gated, gate_only, look_first, read_back)
PROMISES = {
    "none": (if_match,),
    "notify": (if_match,),
    "serial": (plan_once, gated, if_match),
    "step-lock": GATES,
    "plan-lock": GATES,
    "start-lock": GATES,
    "merge-queue": (plan_once, gated, if_match),
}
"""Under each coordination, the policies with which no step can go wrong: a lock needs a read and a gate."""


def ledger(draw: random.Random) -> Ledger:
    """A random ledger that nobody changes but the agents."""
    requires = draw.choice([1, 2, 3])
    return Ledger(
        volatility=0.0,
        tasks=draw.choice([4, 9, 16]),
        steps=draw.choice([1, 2, 5]),
        requires=requires,
        writes=draw.randint(1, requires),
        shared=draw.choice([15, 20, 60]),
        values=draw.choice([2, 5, 1000]),
        zipf=draw.choice([0.0, 0.8]),
        distinct=draw.random() < 0.3,
    )


def promised(word: str, number: int) -> tuple[Ledger, Episode]:
    draw = random.Random(f"{word} {number}")
    world = ledger(draw)
    crew: dict[str, Any] = {
        "agents": draw.choice([2, 3, 6, 12]),
        "latency": draw.choice([0, 0.5, 1000.0]),
        "thinking_time": draw.choice([0, 1.0, "exponential(3)"]),
        "step_duration": draw.choice([1.0, "exponential(1)"]),
        "action_latency": draw.choice([0, 0.3]),
        "read_latency": draw.choice([0, 0.2]),
        "models": draw.choice([None, 1, 2]),
        "repair": draw.choice(["whole", "part"]),
        "share": draw.choice(["pool", "split", "overlap"]),
        "spread": draw.choice([0.0, 4.0]),
    }
    policy = draw.choice(PROMISES[word])()
    return world, run(world, policy, coordination=word, seed=number, horizon=1e5, trace=True, **crew)


@pytest.mark.slow
@pytest.mark.parametrize("word", PROMISES)
def test_every_task_is_right_and_every_shift_takes_effect_once(word: str) -> None:
    for number in range(45):
        world, episode = promised(word, number)
        metrics = episode.metrics
        assert episode.end == "done", number
        assert metrics.misfires == metrics.harm == metrics.lost_values == 0, number
        assert metrics.right_tasks == world.tasks, number
        book = world.begin(Streams(number), 1e5)
        expected = Counter(book.first)
        for use in book.uses.values():  # type: ignore[attr-defined]
            expected.update(dict(zip(use.shifts, use.by, strict=True)))
        last = Playback(episode.trace).to_the_end().world
        assert all(last[entry] == expected[entry] % world.values for entry in book.entries)  # type: ignore[attr-defined]


@pytest.mark.parametrize("word", PROMISES)
def test_no_crew_is_faster_than_its_agents_or_its_models(word: str) -> None:
    """makespan ≥ max(M (P + S d) / N, M P / models), in constant times."""
    for models in (None, 1, 2):
        world = Ledger(volatility=0.0, tasks=12, steps=3, shared=15)
        policy = PROMISES[word][-1]()
        crew = run(
            world, policy, agents=4, coordination=word, thinking_time=2.0, models=models, horizon=1e4, seed=5
        )
        assert crew.metrics.duration >= 12 * (2 + 3) / 4 - 1e-9
        assert crew.metrics.duration >= 12 * 2 / (models or 12) - 1e-9
        if word == "serial":
            assert crew.metrics.duration == pytest.approx(12 * (2 + 3))
            assert crew.metrics.speedup == pytest.approx(1)


def test_agents_that_abort_themselves_can_do_so_for_ever() -> None:
    """With the youngest as the victim the oldest task always gets through; with the requester it need not."""
    ends = {
        victim: [
            run(
                Ledger(volatility=0.0, tasks=8, steps=4, shared=8),
                gated(),
                agents=4,
                coordination="plan-lock",
                victim=victim,
                thinking_time=1.0,
                seed=seed,
            ).end
            for seed in range(8)
        ]
        for victim in ("youngest", "requester")
    }
    assert set(ends["youngest"]) == {"done"}
    assert "horizon" in ends["requester"]


def test_without_a_coordination_tasks_go_wrong() -> None:
    """The promises above are not kept by a world in which nothing could go wrong."""
    crew = run(Ledger(volatility=0.0, shared=15), plan_once(), agents=6, thinking_time=1.0, seed=1)
    assert crew.metrics.lost_values > 0
    assert crew.metrics.misfires_by_fellow == crew.metrics.misfires > 0
    assert crew.metrics.right_tasks < 12
