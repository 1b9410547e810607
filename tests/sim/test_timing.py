"""When things happen, to the instant: calls, answers, reads, messages, thinking and hand-offs."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Literal

import pytest

from plandrift.policies import Assembled, plan_once, replan_each
from plandrift.sim import (
    FIRE,
    KEEP,
    Call,
    Decision,
    Distribution,
    Effect,
    Episode,
    Observation,
    Policy,
    Scene,
    Step,
    Streams,
    Verdict,
    View,
    run,
)
from plandrift.worlds import Telegraph
from tests.sim.scripted import Wires, WiresScene, events, times

ONE = Wires(steps=1)
TWO = Wires(steps=2)


def story(world: Wires, policy: Policy, *kinds: str, **settings: Any) -> list[tuple[float, str]]:
    """What happened of these kinds, in order, each with its time."""
    episode = run(world, policy, trace=True, **settings)
    return [(event.t, event.kind) for event in episode.trace if event.kind in kinds]


CALLS = ("verdict", "fire", "outcome", "acknowledgment", "end")


def test_a_call_is_prepared_judged_fired_lands_and_is_answered() -> None:
    deaf: dict[str, Any] = {"loss": 1.0, "prepare_time": 0.25, "action_latency": 0.5, "step_duration": 2.0}
    assert story(TWO, plan_once(), *CALLS, **deaf) == [
        (0.25, "verdict"),
        (0.25, "fire"),
        (0.75, "outcome"),
        (2.25, "acknowledgment"),
        (2.5, "verdict"),
        (2.5, "fire"),
        (3.0, "outcome"),
        (4.5, "acknowledgment"),
        (4.5, "end"),
    ]


def test_a_call_can_be_judged_when_it_is_prepared() -> None:
    judged = story(ONE, plan_once(checks="prepare"), "verdict", "fire", prepare_time=0.25)
    assert judged == [(0, "verdict"), (0.25, "fire")]
    gate = Assembled(trigger="never", drift_gate=True, checks="prepare")
    blocked = story(TWO.but((0.5, "wire-1", "b")), gate, "verdict", "plan", "fire", prepare_time=0.25)
    assert blocked == [
        (0, "plan"),
        (0, "verdict"),
        (0.25, "fire"),
        (1.25, "verdict"),
        (1.25, "plan"),
        (1.25, "verdict"),
        (1.5, "fire"),
    ]


def test_a_call_that_is_prepared_while_a_plan_is_made_is_fired_when_that_has_come() -> None:
    world = Wires(steps=3).but((1.5, "wire-2", "b"))
    busy: dict[str, Any] = {"prepare_time": 1.0, "thinking_time": 1.0, "scope": "wire-*"}
    waiting = story(world, Assembled(trigger="touched"), "plan", "fire", **busy)
    assert waiting[:3] == [(1, "plan"), (2.5, "plan"), (2.5, "fire")]
    going_on = story(world, Assembled(trigger="touched"), "plan", "fire", **busy, thinking="concurrent")
    assert going_on[:3] == [(1, "plan"), (2, "fire"), (2.5, "plan")]


def test_an_answer_comes_no_sooner_than_the_call_lands() -> None:
    landed = story(ONE, plan_once(), *CALLS[2:], action_latency=3.0, step_duration=1.0, loss=1.0)
    assert landed == [(3, "outcome"), (3, "acknowledgment"), (3, "end")]


@dataclass(frozen=True)
class Slow(Wires):
    """Every call takes three quarters longer than a step does."""

    def begin(self, random: Streams, horizon: float) -> Scene:
        return SlowScene(self)


class SlowScene(WiresScene):
    def answer(self, call: Call, values: Mapping[str, Any]) -> Effect:
        return super().answer(call, values)._replace(extra=0.75)


def test_a_call_that_takes_longer_is_answered_later() -> None:
    slow = story(Slow(steps=2), plan_once(), "outcome", "acknowledgment", loss=1.0)
    assert slow == [(0, "outcome"), (1.75, "acknowledgment"), (1.75, "outcome"), (3.5, "acknowledgment")]


def test_what_is_not_said_is_seed_0_and_a_horizon_of_200() -> None:
    episode = run(ONE, plan_once())
    assert (episode.seed, episode.horizon, episode.trace) == (0, 200, ())


def test_every_turn_of_the_clock_is_counted() -> None:
    counts = [run(Wires(steps=steps), plan_once()).events for steps in (1, 2, 3)]
    assert counts[2] - counts[1] == counts[1] - counts[0] > 0


def test_a_lost_acknowledgment_is_waited_for_and_the_call_made_again() -> None:
    lost: dict[str, Any] = {"lost_ack": 1.0, "ack_timeout": 4.0, "loss": 1.0, "horizon": 10.0}
    assert story(ONE, plan_once(), "fire", "acknowledgment", "retry", "end", **lost) == [
        (0, "fire"),
        (4, "acknowledgment"),
        (4, "retry"),
        (4, "fire"),
        (8, "acknowledgment"),
        (8, "retry"),
        (8, "fire"),
        (10, "end"),
    ]
    steps = run(ONE, plan_once(), **lost).steps
    assert [(s.outcome, s.reported, s.failure and s.failure.cause) for s in steps] == [
        ("effective", None, None),
        ("repeat", None, "lost_ack"),
        ("repeat", None, "lost_ack"),
    ]


def test_a_fresh_read_is_taken_half_way_through_its_round_trip() -> None:
    reading = plan_once(drift_gate=True, reads="fresh")
    read = story(ONE, reading, "verdict", *NEWS, "fire", read_latency=1.0, sampling="on-action")
    assert read[:5] == [
        (0, "verdict"),
        (0.5, "observation-sent"),
        (1, "observation-delivered"),
        (1, "verdict"),
        (1, "fire"),
    ]


NEWS = ("observation-sent", "observation-delivered")
MOVES = ((0.5, "wire-1", "b"), (1.25, "wire-1", "c"))


def test_a_push_is_sent_at_the_change_and_arrives_after_the_latency() -> None:
    busy: dict[str, Any] = {"step_duration": 20.0, "action_latency": 20.0, "horizon": 9.0}
    assert story(TWO.but(*MOVES), plan_once(), *NEWS, latency=2.0, **busy) == [
        (0.5, "observation-sent"),
        (1.25, "observation-sent"),
        (2.5, "observation-delivered"),
        (3.25, "observation-delivered"),
    ]
    at_once = story(TWO.but(*MOVES), plan_once(), *NEWS, **busy)
    assert at_once == [(t, kind) for t in (0.5, 1.25) for kind in NEWS]


def test_a_poll_is_a_snapshot_each_so_often() -> None:
    episode = run(
        TWO.but(*MOVES),
        plan_once(),
        sampling="poll",
        poll_every=1.5,
        latency=0.25,
        step_duration=20.0,
        action_latency=20.0,
        horizon=5.0,
        trace=True,
    )
    assert times(episode, "observation-sent") == [1.5, 3, 4.5]
    assert times(episode, "observation-delivered") == [1.75, 3.25, 4.75]
    first = events(episode, "observation-delivered")[0]
    assert (first.by, first.own, first.taken) == ("poll", False, 1.5)
    assert [tuple(reading) for reading in first.fluents] == [
        ("wire-0", "a", 0),
        ("wire-1", "c", 2),
        ("sent-0", False, 0),
        ("sent-1", False, 0),
    ]


def test_messages_are_numbered_and_a_plan_knows_its_newest() -> None:
    world = TWO.but(*MOVES)
    episode = run(world, replan_each(), latency=0.25, action_latency=9.0, horizon=3.0, trace=True)
    assert [event.message for event in events(episode, "observation-sent")] == [1, 2]
    assert [event.message for event in events(episode, "observation-delivered")] == [1, 2]
    assert [event.basis_time for event in events(episode, "plan")] == [0, 0.5, 1.25]


def test_a_snapshot_on_action_is_taken_with_the_answer() -> None:
    episode = run(TWO.but(*MOVES), plan_once(), sampling="on-action", latency=0.25, trace=True)
    assert times(episode, "observation-sent") == [1, 2]
    assert times(episode, "observation-delivered") == [1.25]
    assert {e.by for e in events(episode, "observation-sent")} == {"on-action"}


def test_what_is_out_of_scope_is_sent_with_nothing() -> None:
    assert story(TWO.but(*MOVES), plan_once(), *NEWS, scope="sent-*", action_latency=9.0, horizon=5.0) == []


PLANS = ("replan-requested", "plan")


def test_a_plan_is_thought_of_then_handed_over() -> None:
    made = story(ONE, plan_once(), *PLANS, "fire", thinking_time=2.0, delay=0.5)
    assert made == [(0, "replan-requested"), (2.5, "plan"), (2.5, "fire")]
    alone = story(ONE, plan_once(), *PLANS, "fire", thinking_time=2.0, delay=0.5, minds=1)
    assert alone == [(0, "replan-requested"), (2, "plan"), (2, "fire")]


@pytest.mark.parametrize(
    ("interrupted", "plans", "thought"), [("finish", [2, 4], 4.0), ("restart", [3.25], 3.25)]
)
def test_news_while_thinking_makes_another_thought_follow_or_begins_it_again(
    interrupted: str, plans: Sequence[float], thought: float
) -> None:
    world = Wires(steps=3).but((0.5, "wire-1", "b"), (1.25, "wire-1", "c"))
    episode = run(
        world, replan_each(), thinking_time=2.0, interrupted=interrupted, scope="wire-*", trace=True
    )
    assert times(episode, "plan") == plans
    assert [event.merged for event in events(episode, "replan-requested")] == [False, True, True]
    assert episode.metrics.thinking_time == thought
    assert episode.metrics.replans == len(plans) - 1
    assert [event.basis_taken for event in events(episode, "plan")] == [plan - 2 for plan in plans]


@pytest.mark.parametrize("time", ["exponential(2)", "empirical(0, 0.25, 1, 3)"])
@pytest.mark.parametrize("interrupted", ["restart", "replace"])
def test_thinking_begun_again_ends_its_own_time_after_its_own_beginning(interrupted: str, time: str) -> None:
    """Sooner or later than the old end: a restart keeps the draw, a replacement draws another."""
    news = (0.5, 1.2, 1.7, 2.6)
    world = Wires(steps=3).but(*((at, "wire-1", "bc"[i % 2]) for i, at in enumerate(news)))
    thinking = Distribution.parse(time)
    for seed in range(60):
        spans = iter(thinking.block(Streams(seed)["agent.thinking_time"]))
        begun, span = 0.0, next(spans)
        for at in news:
            if begun + span > at:
                begun, span = at, span if interrupted == "restart" else next(spans)
        episode = run(
            world,
            replan_each(),
            seed=seed,
            thinking_time=time,
            interrupted=interrupted,
            scope="wire-*",
            trace=True,
        )
        plan = events(episode, "plan")[0]
        assert (plan.basis_taken, plan.t) == (begun, pytest.approx(begun + span)), seed
        assert times(episode, "fire")[0] == plan.t, seed


def test_a_plan_drawn_anew_takes_its_mean_however_often_it_is_interrupted() -> None:
    """An exponential time has no memory: 2.0 at any volatility."""
    settings: dict[str, Any] = {"thinking_time": "exponential(2)", "interrupted": "replace", "horizon": 25.0}
    for rate in (0.0, 0.05, 0.15):
        world = Telegraph(volatility=rate, steps=20)
        first = [run(world, replan_each(), seed=seed, **settings).steps[0].time for seed in range(144)]
        assert abs(fmean(first) - 2.0) < 3.7 * 2.0 / 12, rate


@pytest.mark.parametrize(
    ("thinking", "fired"), [("blocking", [3, 6.5, 7.5, 8.5]), ("concurrent", [3, 4, 5, 6])]
)
def test_while_a_plan_is_made_the_executor_waits_or_goes_on(
    thinking: Literal["blocking", "concurrent"], fired: list[float]
) -> None:
    """The news at 3.5 asks for a plan that takes 3 to be in hand; that at 6 comes as it is handed over."""
    world = Wires(steps=4).but((3.5, "wire-3", "b"), (6.0, "wire-0", "b"))
    settings: dict[str, Any] = {"thinking_time": 2.0, "delay": 1.0, "scope": "wire-*", "thinking": thinking}
    episode = run(world, Assembled(trigger="touched"), trace=True, **settings)
    assert times(episode, "plan")[:2] == [3, 6.5]
    assert [step.time for step in episode.steps][:4] == fired


@dataclass(frozen=True)
class Watching(Policy):
    """Asks for a plan at the news of one fluent, and gives up at that of another."""

    def observed(self, view: View, observation: Observation) -> Decision:
        if "wire-3" in observation.news:
            return Decision("give-up", f"enough at {view.time:g}")
        return Decision("replan", "seen") if "wire-2" in observation.news else KEEP


def test_a_policy_that_gives_up_on_news_ends_the_episode_when_the_call_under_way_is_answered() -> None:
    world = Wires(steps=4).but((0.5, "wire-2", "b"), (1.25, "wire-3", "b"))
    episode: Episode = run(world, Watching(), trace=True)
    assert (episode.end, episode.reason, episode.metrics.duration) == ("gave-up", "enough at 1.25", 2)
    assert times(episode, "replan-requested") == [0, 0.5]
    waiting = run(world, Watching(), thinking_time=5.0)
    assert (waiting.end, waiting.metrics.duration, waiting.metrics.steps_fired) == ("gave-up", 1.25, 0)
    assert waiting.metrics.thinking_time == 1.25


def test_thinking_that_the_horizon_ends_is_counted() -> None:
    world = Wires(steps=4).but((2.5, "wire-2", "b"))
    assert run(world, Watching(), thinking_time=1.0, horizon=3.0).metrics.thinking_time == 1.5


@dataclass(frozen=True)
class Hesitant(Policy):
    """Asks for a plan at the news of wire 2, and before it fires the first of a plan: two units later."""

    def observed(self, view: View, observation: Observation) -> Decision:
        return Decision("replan", "news") if "wire-2" in observation.news else KEEP

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        first = view.plan is not None and view.plan.number == 1
        return Verdict("replan", "hesitates", after=2.0) if first else FIRE


def test_a_replan_put_off_is_not_asked_for_where_another_plan_has_come_meanwhile() -> None:
    world = Wires(steps=3)
    put_off = run(world, Hesitant(), trace=True)
    asked = [(e.t, e.reason) for e in events(put_off, "replan-requested")]
    assert asked == [(0, "start"), (2, "replan: hesitates")]
    assert [step.time for step in put_off.steps] == [2, 3, 4]
    overtaken = run(world.but((1.0, "wire-2", "b")), Hesitant(), trace=True)
    assert [(e.t, e.reason) for e in events(overtaken, "replan-requested")] == [(0, "start"), (1, "news")]
    assert [step.time for step in overtaken.steps] == [2, 3, 4]


def test_a_step_is_withdrawn_where_the_goals_are_met_while_its_assumptions_are_read() -> None:
    reading = plan_once(drift_gate=True, reads="fresh")
    episode = run(ONE.but((0.5, "sent-0", True)), reading, read_latency=1.0)
    assert (episode.end, episode.metrics.steps_fired, episode.metrics.duration) == ("done", 0, 1)
    prepared = run(ONE.but((0.5, "sent-0", True)), plan_once(), prepare_time=1.0)
    assert (prepared.end, prepared.metrics.steps_fired, prepared.metrics.duration) == ("done", 0, 1)


def test_goals_that_are_met_while_a_plan_is_made_end_it_at_once() -> None:
    thinking = run(ONE.but((0.5, "sent-0", True)), plan_once(), thinking_time=2.0)
    assert (thinking.end, thinking.metrics.duration, thinking.metrics.thinking_time) == ("done", 0.5, 0.5)


def test_the_garbage_collector_is_left_as_it_was() -> None:
    assert gc.isenabled()
    run(ONE, plan_once())
    assert gc.isenabled()
    gc.disable()
    run(ONE, plan_once())
    assert not gc.isenabled()
    gc.enable()
