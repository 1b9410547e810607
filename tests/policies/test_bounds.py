"""Bounds on replanning, each at its edge: what is dropped, what waits and how long, what ends the episode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pytest

from plandrift.policies import Assembled, bounded, gate_only, gated, periodic, plan_once, replan_each
from plandrift.sim import (
    FIRE,
    GO_ON,
    KEEP,
    Acknowledgment,
    Call,
    Decision,
    Episode,
    Observation,
    Policy,
    Reaction,
    SettingError,
    Step,
    Verdict,
    View,
    run,
)
from tests.sim.scripted import Wires, events, times

LONG: dict[str, Any] = {"step_duration": 100.0, "horizon": 99.0}
"""One call is under way for the whole episode: nothing is fired between two replans."""
FLICKER = tuple((0.5 * i, "wire-0", "ba"[i % 2]) for i in range(1, 80))


def asked(world: Wires, policy: Policy, **settings: Any) -> list[float]:
    """When plans were asked for after the first."""
    return times(run(world, policy, trace=True, **settings), "replan-requested")[1:]


def test_news_within_the_least_interval_is_dropped_and_at_its_end_it_is_not() -> None:
    assert asked(Wires().but(*FLICKER[:9]), replan_each(min_interval=1.0), **LONG) == [
        0.5,
        1.5,
        2.5,
        3.5,
        4.5,
    ]
    assert asked(Wires().but(*FLICKER[:9]), replan_each(min_interval=1.25), **LONG) == [0.5, 2, 3.5]


def test_a_back_off_doubles_while_nothing_is_fired() -> None:
    assert asked(Wires().but(*FLICKER), replan_each(backoff=1.0), **LONG) == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    longer = replan_each(backoff=1.0, min_interval=3.0)
    assert asked(Wires().but(*FLICKER), longer, **LONG) == [0.5, 3.5, 6.5, 10.5, 18.5, 34.5]


def test_a_back_off_begins_anew_with_each_fire() -> None:
    """Steps are fired at whole times, after the news of that instant."""
    world = Wires(steps=9).but(*((time, "wire-8", value) for time, _, value in FLICKER[:9]))
    assert asked(world, replan_each(backoff=1.0)) == [0.5, 1.5, 2.5, 3.5, 4.5]


def test_thinking_is_held_to_its_share_of_the_time() -> None:
    """The first plan takes 1: at a share of a quarter the next may be asked for at 4, another at 8."""
    world = Wires().but(*((time, "wire-0", f"{time}") for time in (2.0, 3.9, 4.0, 7.9, 8.0, 8.1)))
    assert asked(world, replan_each(max_thinking_share=0.25), thinking_time=1.0, **LONG) == [4, 8, 8.1]
    assert asked(world, replan_each(max_thinking_share=0.0), thinking_time=1.0, **LONG) == []
    assert asked(world, replan_each(max_thinking_share=0.0), **LONG) == [2, 3.9, 4, 7.9, 8, 8.1]


def times_of(count: int) -> list[float]:
    return [0.5 * i for i in range(1, count + 1)]


def end(episode: Episode) -> tuple[str, str, float]:
    return episode.end, episode.reason, episode.metrics.duration


@pytest.mark.parametrize("budget", [0, 1, 3])
def test_a_budget_of_replans_is_spent_on_news(budget: int) -> None:
    world = Wires().but(*FLICKER[:9])
    episode = run(world, replan_each(max_replans=budget), **LONG)
    assert episode.metrics.replans == budget
    assert episode.reason == f"budget of {budget} replans spent"
    goes_on = run(world, replan_each(max_replans=budget, when_bounded="go-on"), trace=True, **LONG)
    assert times(goes_on, "replan-requested")[1:] == times_of(budget)
    assert (goes_on.end, goes_on.reason) == ("horizon", "")


UNHEARD: dict[str, Any] = {"scope": "sent-*", "horizon": 20.0}
"""The wires are never heard of: a call whose wire has changed fails each time that it is made."""


def test_a_budget_of_replans_is_spent_on_errors() -> None:
    world = Wires().but((0.5, "wire-1", "b"))
    spent = run(world, gated(max_replans=2), **UNHEARD)
    assert end(spent) == ("gave-up", "budget of 2 replans spent", 4)
    passed = run(world, gated(max_replans=2, when_bounded="go-on"), **UNHEARD)
    assert [step.call.arg("wire") for step in passed.steps] == [0, 1, 1, 1, 2, 3]
    assert (passed.end, passed.metrics.false_completion) == ("done", 1)


@pytest.mark.parametrize(("most", "fired"), [(1, 2), (2, 3), (3, 4)])
def test_a_step_may_fail_so_often_in_a_row(most: int, fired: int) -> None:
    world = Wires().but((0.5, "wire-1", "b"))
    episode = run(world, gated(max_failures=most), **UNHEARD)
    assert end(episode) == ("gave-up", f"the same step failed {most} times", fired)
    assert episode.metrics.steps_fired == fired
    goes_on = run(world, gated(max_failures=most, when_bounded="go-on"), **UNHEARD)
    assert [step.call.arg("wire") for step in goes_on.steps][: fired + 1] == [0, *[1] * most, 2]


def test_failures_in_a_row_are_counted_for_retries_too() -> None:
    """Each acknowledgment is lost, and what it would tell is not heard: the call is made again."""
    silent: dict[str, Any] = {"lost_ack": 1.0, "ack_timeout": 2.0, "loss": 1.0, "horizon": 30.0}
    episode = run(Wires(), plan_once(max_failures=3), **silent)
    assert end(episode) == ("gave-up", "the same step failed 3 times", 6)
    assert run(Wires(), plan_once(max_failures=1, when_bounded="go-on"), **silent).metrics.steps_fired == 4


def test_an_error_waits_for_the_least_interval_before_it_asks_for_a_plan() -> None:
    world = Wires().but((0.5, "wire-1", "b"))
    assert asked(world, gated(min_interval=2.5), **UNHEARD)[:4] == [2, 4.5, 7, 9.5]


def test_a_gate_waits_for_the_least_interval_with_its_call_held() -> None:
    """The wire moves at 0.5 and again at 1.5, each time before its call, and the plan is made anew once."""
    world = Wires().but((0.5, "wire-1", "b"), (1.5, "wire-2", "b"), (2.5, "wire-3", "b"))
    episode = run(world, gate_only(min_interval=3.0), trace=True)
    assert times(episode, "replan-requested")[1:] == [1, 4]
    assert [step.time for step in episode.steps] == [0, 1, 4, 5]
    assert [(e.t, e.verdict) for e in events(episode, "verdict") if e.verdict != "fire"] == [
        (1, "block"),
        (2, "block"),
    ]


@pytest.mark.parametrize(("bounded_by", "fired"), [("give-up", [0, 1]), ("go-on", [0, 1, 3])])
def test_a_gate_whose_budget_is_spent_gives_up_or_passes_the_step_over(
    bounded_by: Literal["give-up", "go-on"], fired: list[int]
) -> None:
    world = Wires().but((0.5, "wire-1", "b"), (1.5, "wire-2", "b"))
    episode = run(world, gate_only(max_replans=1, when_bounded=bounded_by), trace=True)
    assert [step.call.arg("wire") for step in episode.steps] == fired
    assert [e.step for e in events(episode, "skip")] == ([1] if bounded_by == "go-on" else [])
    assert episode.end == ("done" if bounded_by == "go-on" else "gave-up")


def test_at_the_plans_end_a_replan_waits_for_the_least_interval() -> None:
    world = Wires(steps=2).but((0.5, "wire-1", "b"))
    unseen: dict[str, Any] = {"scope": "sent-*", "horizon": 9.0}
    assert asked(world, periodic(9, min_interval=3.0), **unseen) == [2, 5, 8]
    spent = run(world, periodic(9, max_replans=1), **unseen)
    assert end(spent) == ("gave-up", "budget of 1 replans spent", 3)
    goes_on = run(world, periodic(9, max_replans=1, when_bounded="go-on"), **unseen)
    assert (goes_on.end, goes_on.metrics.duration, goes_on.metrics.false_completion) == ("done", 3, 1)


@dataclass(frozen=True)
class Eager(Policy):
    """A policy of one's own that wants a plan at every turn."""

    wants: str = "observed"

    def observed(self, view: View, observation: Observation) -> Decision:
        return Decision("replan", "news") if self.wants == "observed" else KEEP

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        return Verdict("block", "not so fast") if self.wants == "before" else FIRE

    def answered(self, view: View, step: Step, answer: Acknowledgment) -> Reaction:
        return Reaction("replan", "answered") if self.wants == "answered" else GO_ON

    def used_up(self, view: View) -> Decision:
        return Decision("replan", "the end") if self.wants == "end" else KEEP


@pytest.mark.parametrize(
    ("wants", "free", "held", "waiting"),
    [
        ("observed", [0.25, 0.5, 1.5], [0.25, 0.5], [0.25, 1.5]),
        ("before", [0, 0, 1, 1], [0, 0], [0, 1, 2, 3]),
        ("answered", [1, 2, 3], [1, 2], [1, 2, 3]),
        ("end", [2, 3], [2, 3], [2, 3]),
    ],
)
def test_a_policy_of_ones_own_is_bounded_at_each_of_its_questions(
    wants: str, free: list[float], held: list[float], waiting: list[float]
) -> None:
    world = Wires(steps=2).but((0.25, "wire-1", "b"), (0.5, "wire-1", "c"), (1.5, "wire-0", "b"))
    unseen: dict[str, Any] = {"scope": "wire-*" if wants == "observed" else "sent-*", "horizon": 3.5}
    assert asked(world, Eager(wants), **unseen)[: len(free)] == free
    assert asked(world, bounded(Eager(wants), max_replans=2), **unseen) == held
    assert asked(world, bounded(Eager(wants), min_interval=1.0), **unseen)[: len(waiting)] == waiting
    spent = run(world, bounded(Eager(wants), max_replans=0), **unseen)
    assert (spent.end, spent.reason) == ("gave-up", "budget of 0 replans spent")


def test_what_a_policy_of_ones_own_is_stands_in_what_bounds_it() -> None:
    @dataclass(frozen=True)
    class Made(Policy):
        checks = "prepare"
        repairs = True

        def parts(self) -> dict[str, object]:
            return {"trigger": "mine"}

    held = bounded(Made(), max_replans=3)
    assert (held.name, held.checks, held.repairs, held.listens) == ("bounded(Made)", "prepare", True, False)
    assert held.parts() == {"trigger": "mine"}
    assert bounded(Eager(), max_replans=3).listens


def test_what_is_bounded_with_nothing_said_has_bounds_that_suit_most() -> None:
    parts = bounded(gated()).parts()
    assert {name: parts[name] for name in ("max_replans", "min_interval", "max_failures")} == {
        "max_replans": 10,
        "min_interval": 1.0,
        "max_failures": 3,
    }


@pytest.mark.parametrize(
    "wrong", [{"every": 0}, {"max_replans": -1}, {"max_failures": 0}, {"declares": 1.5}, {"debounce": -1.0}]
)
def test_what_is_out_of_range_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match=next(iter(wrong))):
        Assembled(**wrong)
    assert Assembled(every=1, max_replans=0, max_failures=1, declares=0, debounce=0).name == "assembled"
