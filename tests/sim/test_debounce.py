"""A debounce: only when it has been quiet for so long after the last news is a plan asked for."""

from __future__ import annotations

import pytest

from plandrift.policies import bounded, replan_each
from plandrift.sim import Policy, run
from tests.sim.scripted import Wires, times

WORLD = Wires(steps=8)
NEWS = ((1.2, "wire-7", "b"), (1.7, "wire-6", "b"), (2.4, "wire-5", "b"))


@pytest.mark.parametrize("policy", [replan_each(debounce=1.0), bounded(replan_each(), debounce=1.0)])
def test_news_within_the_quiet_time_puts_the_replan_off(policy: Policy) -> None:
    episode = run(WORLD.but(*NEWS), policy, trace=True)
    assert times(episode, "replan-requested") == [0, pytest.approx(3.4)]
    assert episode.metrics.replans == 1


def test_news_after_the_quiet_time_is_another_replan() -> None:
    episode = run(WORLD.but(*NEWS), replan_each(debounce=0.6), trace=True)
    assert times(episode, "replan-requested") == pytest.approx([0, 2.3, 3.0])


def test_without_a_debounce_each_news_is_a_replan() -> None:
    episode = run(WORLD.but(*NEWS), replan_each(), trace=True)
    assert times(episode, "replan-requested") == [0, 1.2, 1.7, 2.4]
