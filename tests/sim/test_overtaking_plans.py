"""Hand-offs that overtake each other: an older plan never replaces a newer one."""

from __future__ import annotations

from plandrift.policies import replan_each
from plandrift.sim import run
from tests.sim.scripted import Wires, events

MOVES = tuple((0.5 * i, f"wire-{i % 4}", "ab"[i // 4 % 2]) for i in range(1, 60))


def test_an_older_plan_that_arrives_late_is_left_aside() -> None:
    overtaken = 0
    world = Wires(steps=4).but(*MOVES)
    for seed in range(10):
        episode = run(world, replan_each(), seed=seed, delay="exponential(2)", horizon=40, trace=True)
        numbers = [event.plan for event in events(episode, "plan")]
        assert numbers == sorted(numbers)
        overtaken += numbers[-1] - len(numbers)
        assert episode.metrics.replans == len(numbers) - 1
        assert {step.plan for step in episode.steps} <= set(numbers)
    assert overtaken > 20


def test_the_executor_goes_on_when_the_last_plan_to_arrive_is_an_older_one() -> None:
    """Nothing else is heard that could wake it."""
    world = Wires(steps=4).but(*MOVES[:6])
    for seed in range(20):
        episode = run(world, replan_each(), seed=seed, delay="exponential(9)", scope="wire-*", trace=True)
        assert (episode.end, episode.metrics.success) == ("done", 1)
