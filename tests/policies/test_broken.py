"""The trigger `broken`: replan when the plan breaks, unless another is on its way already."""

from __future__ import annotations

from plandrift.policies import bold_better, bold_broken
from plandrift.sim import run
from tests.sim.scripted import Wires, events, times

WORLD = Wires(steps=5).but((3.2, "wire-4", "b"))


def test_an_answer_asks_for_no_plan_while_one_is_being_made() -> None:
    """The answers at 4 and 5 find the plan broken, and the plan asked for at 3.2 under way."""
    for policy in (bold_broken(), bold_better()):
        episode = run(WORLD, policy, thinking_time=3.0, thinking="concurrent", trace=True)
        assert times(episode, "replan-requested") == [0, 3.2]
        assert times(episode, "acknowledgment")[:2] == [4, 5]
        assert times(episode, "plan") == [3, 6.2]


def test_an_answer_that_finds_the_plan_broken_asks_for_one_where_none_is_being_made() -> None:
    """The second news comes within the least interval; the answer at 4 is the first that may ask."""
    world = Wires(steps=5).but((3.2, "wire-4", "b"), (3.4, "wire-4", "c"))
    episode = run(world, bold_broken(min_interval=0.5), trace=True)
    assert [(e.t, e.reason) for e in events(episode, "replan-requested")][1:] == [
        (3.2, "wire-4 changed"),
        (4, "the plan is broken"),
    ]


def test_an_answer_that_finds_the_plan_whole_asks_for_none() -> None:
    episode = run(Wires(steps=5).but((3.2, "wire-0", "b")), bold_broken(), thinking_time=3.0, trace=True)
    assert times(episode, "replan-requested") == [0]
