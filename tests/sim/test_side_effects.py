"""What calls change besides: told by the next news only, another hand's for the belief, own for the blame."""

from __future__ import annotations

import math

import pytest

from plandrift.policies import gated, plan_once
from plandrift.sim import SettingError, run
from plandrift.sim.trace.events import Acknowledged, Delivered, Exogenous, SideEffect, Started
from plandrift.worlds import Files, Records, Routes, Telegraph, Tickets


def test_what_a_blind_agent_brings_upon_itself_is_the_closed_form() -> None:
    """Two steps of a wire each: the first, which always does its work, jostles the other's with p/2."""
    p, n = 0.6, 4000
    episodes = [
        run(Telegraph(steps=2, volatility=0.0), plan_once(), side_effects=p, seed=seed) for seed in range(n)
    ]
    missed = sum(episode.metrics.misfires for episode in episodes)
    z = (missed - n * p / 2) / math.sqrt(n * p / 2 * (1 - p / 2))
    assert abs(z) < 4
    # All of it is the agent's own doing, and the world's none.
    assert sum(episode.metrics.causes.get("side_effect", 0) for episode in episodes) == missed
    assert not any(episode.metrics.exogenous_changes for episode in episodes)
    # Each first step has one with p, each second that does its work as well.
    happened = sum(episode.metrics.side_effects for episode in episodes)
    expected = n * p * (2 - p / 2)
    assert abs(happened - expected) < 4 * math.sqrt(2 * n * p)


@pytest.mark.parametrize("world", [Files, Records, Tickets], ids=lambda w: w.__name__)
def test_no_acknowledgment_tells_of_them_and_the_next_news_does(world: type[Files]) -> None:
    latency = 1.5
    episode = run(world(volatility=0.0), plan_once(), side_effects=1.0, latency=latency, seed=1, trace=True)
    besides = [event for event in episode.trace if isinstance(event, SideEffect)]
    assert len(besides) == episode.metrics.side_effects > 2
    told = {
        (reading.fluent, reading.version)
        for event in episode.trace
        if isinstance(event, Acknowledged)
        for reading in event.fluents
    }
    heard = {
        (reading.fluent, reading.version): event.t
        for event in episode.trace
        if isinstance(event, Delivered)
        for reading in event.fluents
    }
    for event in besides:
        assert (event.fluent, event.version) not in told
        if event.t + latency < episode.metrics.duration:
            assert heard[event.fluent, event.version] == pytest.approx(event.t + latency)


def test_who_else_writes_is_not_moved_by_them() -> None:
    logs = []
    for rate in (0.0, 0.7):
        episode = run(Telegraph(volatility=0.1), gated(), side_effects=rate, seed=3, trace=True)
        logs.append([(e.t, e.fluent, e.value) for e in episode.trace if isinstance(e, Exogenous)])
    shorter = min(map(len, logs))
    assert logs[0][:shorter] == logs[1][:shorter] != []


def test_what_somebody_else_has_written_since_is_nobodys_own_doing() -> None:
    episodes = [
        run(Telegraph(volatility=0.3, steps=6), plan_once(), side_effects=0.8, seed=seed, trace=True)
        for seed in range(40)
    ]
    seen = set()
    for episode in episodes:
        start, *_ = episode.trace
        assert isinstance(start, Started)
        held, moves = dict(start.fluents), []
        for event in episode.trace:
            # What is written as it was is not moved.
            if isinstance(event, Exogenous | SideEffect) and held[event.fluent] != event.value:
                held[event.fluent] = event.value
                moves.append(event)
        for step in episode.steps:
            last = {
                e.fluent: type(e)
                for e in moves
                if e.t < step.landed or (isinstance(e, Exogenous) and e.t <= step.landed)
            }
            if step.failure is not None and step.outcome != "repeat":
                own = all(last.get(fluent) is SideEffect for fluent, _ in step.violated)
                assert (step.failure.cause == "side_effect") == own
                seen.add(own)
    assert seen == {False, True}


def test_a_world_whose_calls_have_none_refuses_them() -> None:
    with pytest.raises(SettingError, match=r"calls of .* have no side effects"):
        run(Routes(), plan_once(), side_effects=0.1)
