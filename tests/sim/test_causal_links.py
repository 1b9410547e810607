"""A plan whose steps rest on each other, worked out by hand: what is stale spreads along the causal links."""

from __future__ import annotations

from typing import Any

import pytest

from plandrift.policies import Assembled, bold_broken, gate_only, plan_once
from plandrift.sim import Episode, run
from tests.sim.scripted import Corridor, events, times

HELD = 3
"""Steps are left from 0 to 3 where four are fired, one a unit of time."""


@pytest.fixture(scope="module")
def shut() -> Episode:
    """The third door shuts at 0.5 for good: the last two steps are stale from then on."""
    return run(Corridor(steps=4).but((0.5, "door-2", "shut")), plan_once())


def test_a_shut_door_makes_the_steps_after_it_stale(shut: Episode) -> None:
    metrics = shut.metrics
    assert metrics.plan_staleness == pytest.approx((0.5 * 2 / 3 + 1 + 1) / HELD)
    assert metrics.direct_staleness == pytest.approx((0.5 / 3 + 0.5 + 1) / HELD)
    assert metrics.perceived_staleness == metrics.plan_staleness
    assert metrics.version_staleness == metrics.plan_staleness
    assert metrics.blind_staleness == 0
    assert metrics.plan_validity == pytest.approx(0.5 / HELD)
    assert [s.staleness for s in shut.steps] == pytest.approx([0, 2 / 3, 1, 1])
    assert [s.direct for s in shut.steps] == pytest.approx([0, 1 / 3, 1 / 2, 1])
    assert [s.stale for s in shut.steps] == [False, False, True, True]
    assert [s.rewritten for s in shut.steps] == [False, False, True, True]


def test_the_step_after_one_that_failed_rests_on_what_that_did_not_write(shut: Episode) -> None:
    assert [s.outcome for s in shut.steps] == ["effective", "effective", "rejected", "rejected"]
    assert [s.violated for s in shut.steps[2:]] == [(("door-2", 0.5),), (("place", 2),)]
    assert [s.misfire for s in shut.steps] == [False, False, True, True]
    assert (shut.metrics.goals_met, shut.metrics.false_completion) == (0, 1)


def test_a_door_that_opens_again_in_time_leaves_the_plan_rewritten_only() -> None:
    moves = ((0.25, "door-3", "shut"), (0.75, "door-3", "open"))
    episode = run(Corridor(steps=4).but(*moves), plan_once())
    metrics = episode.metrics
    assert metrics.plan_staleness == pytest.approx(0.5 / 3 / HELD)
    assert metrics.version_staleness == pytest.approx((0.75 / 3 + 1 / 2 + 1) / HELD)
    assert metrics.plan_validity == pytest.approx(2.5 / HELD)
    assert metrics.success == 1
    assert [s.rewritten for s in episode.steps] == [False, False, False, True]
    assert [s.version for s in episode.steps] == pytest.approx([0, 1 / 3, 1 / 2, 1])


def test_what_an_agent_does_itself_is_no_drift() -> None:
    metrics = run(Corridor(steps=5), plan_once(), latency=0.5, action_latency=0.25).metrics
    stale = ("plan_staleness", "version_staleness", "perceived_staleness", "blind_staleness")
    assert [getattr(metrics, name) for name in stale] == [0, 0, 0, 0]
    assert (metrics.plan_validity, metrics.success, metrics.steps_fired) == (1, 1, 5)


def test_another_hand_that_carries_the_agent_on_makes_its_steps_stale() -> None:
    """It is put two places on while its first step is under way, and the second finds it elsewhere."""
    world = Corridor(steps=4).but((0.5, "place", 3))
    episode = run(world, plan_once())
    assert [s.outcome for s in episode.steps] == ["effective", "rejected", "repeat", "effective"]
    assert [s.stale for s in episode.steps] == [False, True, True, False]
    repaired = run(world, bold_broken(), trace=True)
    assert [s.call.arg("door") for s in repaired.steps] == [0, 3]
    assert times(repaired, "plan") == [0, 0.5]
    assert repaired.metrics.plan_distance == pytest.approx(2 / 3)
    gated = run(world, gate_only(), trace=True)
    assert [s.call.arg("door") for s in gated.steps] == [0, 3]
    assert (gated.metrics.blocks, gated.metrics.false_blocks, gated.metrics.replans) == (1, 0, 1)


def test_a_plan_that_comes_while_a_step_is_under_way_takes_it_for_done() -> None:
    """News of the fourth door asks for a plan, which begins at the place where the agent is then."""
    world = Corridor(steps=4).but((1.25, "door-3", "shut"), (1.5, "door-3", "open"))
    late: dict[str, Any] = {"action_latency": 0.75, "thinking": "concurrent", "thinking_time": 0.125}
    episode = run(world, bold_broken(), trace=True, scope="door-*", **late)
    second = events(episode, "plan")[1]
    assert second.t == 1.375
    assert [str(step.call) for step in second.steps] == ["walk(door=1)", "walk(door=2)", "walk(door=3)"]
    assert (second.done, second.in_flight) == ((), 0)
    assert [s.call.arg("door") for s in episode.steps] == [0, 1, 2, 3]
    assert (episode.metrics.repeats, episode.metrics.success, episode.metrics.misfires) == (0, 1, 0)


def test_a_step_done_while_its_plan_was_made_is_one_that_the_next_can_rest_on() -> None:
    """By version the second step rests on what the first wrote, of which the plan's basis knew nothing."""
    world = Corridor(steps=4).but((1.25, "door-3", "shut"), (1.3, "door-3", "open"))
    carrying = Assembled(trigger="touched", if_match="version")
    episode = run(world, carrying, scope="door-*", thinking_time=1.0, trace=True)
    second = events(episode, "plan")[1]
    assert (second.t, second.done, second.in_flight) == (2.25, (0,), None)
    assert [(s.call.arg("door"), s.outcome) for s in episode.steps] == [
        (0, "effective"),
        (1, "effective"),
        (2, "effective"),
        (3, "refused"),
        (3, "effective"),
    ]


def test_so_are_two_steps_whichever_of_them_it_rests_on() -> None:
    world = Corridor(steps=4).but((3.2, "door-3", "shut"), (3.3, "door-3", "open"))
    carrying = Assembled(trigger="touched", if_match="version")
    slow: dict[str, Any] = {"thinking_time": 2.0, "thinking": "concurrent", "prepare_time": 0.5}
    episode = run(world, carrying, scope="door-*", trace=True, **slow)
    second = events(episode, "plan")[1]
    assert (second.t, second.done, second.in_flight) == (5.2, (0, 1), None)
    assert [(s.time, s.call.arg("door"), s.outcome) for s in episode.steps][:3] == [
        (2.5, 0, "effective"),
        (4, 1, "effective"),
        (5.5, 2, "effective"),
    ]


def test_a_step_that_fails_for_two_reasons_was_shown_to_where_one_of_them_was() -> None:
    world = Corridor(steps=4).but((0.5, "place", 3), (0.75, "door-1", "shut"))
    step = run(world, plan_once(), scope="place").steps[1]
    assert step.violated == (("place", 0.5), ("door-1", 0.75))
    assert (step.shown, step.failure and step.failure.cause) == (("place",), "drift_shown")


def test_a_step_whose_source_failed_is_blocked_by_version_and_refused() -> None:
    """The third door is shut unheard: its step writes nothing, and the fourth has nothing to rest on."""
    world = Corridor(steps=4).but((0.5, "door-2", "shut"))
    gate = plan_once(drift_gate=True, compares="version", max_replans=0, when_bounded="go-on")
    episode = run(world, gate, scope="place", trace=True)
    assert [(e.verdict, e.reason) for e in events(episode, "verdict")][2:] == [
        ("fire", ""),
        ("block", "place changed"),
    ]
    carrying = plan_once(if_match="version", max_replans=0, when_bounded="go-on")
    outcomes = [s.outcome for s in run(world, carrying, scope="place").steps]
    assert outcomes == ["effective", "effective", "refused", "refused"]


def test_a_step_that_is_made_again_needs_again_what_it_needed() -> None:
    """Each answer is lost: the first step is made three times, and finds its work done from the second on."""
    lost: dict[str, Any] = {"lost_ack": 1.0, "ack_timeout": 2.0, "loss": 1.0, "horizon": 5.0}
    episode = run(Corridor(steps=3), plan_once(), **lost)
    assert [s.time for s in episode.steps] == [0, 2, 4]
    assert [s.outcome for s in episode.steps] == ["effective", "repeat", "repeat"]
    assert [s.staleness for s in episode.steps] == [0, 1, 1]
    assert [s.direct for s in episode.steps] == pytest.approx([0, 1 / 3, 1 / 3])
    assert [(s.version, s.rewritten) for s in episode.steps] == [(0, False)] * 3
    assert [s.violated for s in episode.steps] == [(), (("place", 0),), (("place", 2),)]
    assert (episode.metrics.plan_staleness, episode.metrics.plan_validity) == (0, 1)
