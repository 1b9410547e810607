"""The trigger `steps`: replan after so many steps, and at the plan's end where the goals are not met."""

from __future__ import annotations

import pytest

from plandrift.policies import Assembled, bold, cautious, normal, periodic
from plandrift.sim import run
from tests.sim.scripted import Wires, events


@pytest.mark.parametrize(
    ("policy", "times"),
    [
        (periodic(2), [0, 2, 4]),
        (periodic(), [0, 4]),
        (normal(), [0, 4]),
        (periodic(3), [0, 3]),
        (cautious(), [0, 1, 2, 3, 4, 5]),
        (bold(), [0]),
    ],
)
def test_a_plan_is_made_after_so_many_steps_not_after_the_last(policy: Assembled, times: list[int]) -> None:
    episode = run(Wires(steps=6), policy, trace=True)
    asked = events(episode, "replan-requested")
    assert [e.t for e in asked] == times
    assert {e.reason for e in asked[1:]} <= {f"{policy.every} steps"}
    assert (episode.end, episode.metrics.success, episode.metrics.steps_fired) == ("done", 1, 6)


@pytest.mark.parametrize("policy", [periodic(6), bold(), periodic(4)])
def test_at_the_plans_end_it_is_made_anew_while_a_goal_is_open(policy: Assembled) -> None:
    """The wire changes unheard before its call lands; the news is there when the call is answered."""
    episode = run(Wires(steps=4).but((2.5, "wire-3", "b")), policy, latency=1.0, trace=True)
    asked = events(episode, "replan-requested")[1:]
    assert [(e.t, e.reason) for e in asked] == [(4, "plan used up")]
    assert [step.outcome for step in episode.steps] == ["effective"] * 3 + ["rejected", "effective"]
