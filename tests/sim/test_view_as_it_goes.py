"""What a policy is shown at each moment of one episode."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from plandrift.sim import (
    FIRE,
    GO_ON,
    KEEP,
    Acknowledgment,
    Call,
    Decision,
    Observation,
    Policy,
    Reaction,
    Step,
    Verdict,
    View,
    run,
)
from tests.sim.scripted import Wires

Shown = dict[str, Any]


@dataclass(frozen=True)
class Noting(Policy):
    """Keeps its plan, asks for another at the news of one wire, and notes what it is shown."""

    notes: list[tuple[str, float, Shown]] = field(default_factory=list)
    replans_at: str = ""

    def note(self, when: str, view: View, **more: Any) -> None:
        shown = {
            "plan": view.plan and view.plan.number,
            "age": view.plan_age,
            "left": view.steps_left,
            "fired": view.fired,
            "planned": view.planned() and str(view.planned()),
            "violated": list(view.violated()),
            "by version": list(view.violated("version")),
            "staleness": view.perceived_staleness,
            "broken": view.broken,
            "done": view.shows_done(),
            "met": view.goals_met,
            "thinking": view.thinking,
            "counts": (view.counts.fired, view.counts.requested, view.counts.replans, view.counts.blocks),
        }
        self.notes.append((when, view.time, shown | more))

    def observed(self, view: View, observation: Observation) -> Decision:
        unsettled = view.unsettles(observation.news), view.unsettles(observation.news, "version")
        self.note("observed", view, unsettled=unsettled, by=observation.by, news=observation.news)
        return Decision("replan", "news") if self.replans_at in observation.news else KEEP

    def before_fire(self, view: View, step: Step, call: Call) -> Verdict:
        self.note("before", view, belief=view.belief["wire-1"], stamp=view.stamps["wire-1"])
        return FIRE

    def answered(self, view: View, step: Step, answer: Acknowledgment) -> Reaction:
        self.note("answered", view, reported=answer.reported, failures=answer.failures)
        return GO_ON


def shown(policy: Noting, when: str, *names: str) -> list[tuple[Any, ...]]:
    """What was shown at each such moment: the time, and these."""
    return [(time, *(seen[name] for name in names)) for at, time, seen in policy.notes if at == when]


@pytest.fixture(scope="module")
def noted() -> Noting:
    """While the first of three steps is under way wire 1 changes for good, and wire 2 there and back."""
    policy = Noting()
    moves = ((0.25, "wire-1", "b"), (0.5, "wire-2", "b"), (0.75, "wire-2", "a"), (2.5, "wire-0", "b"))
    run(Wires(steps=3).but(*moves), policy, step_duration=1.0, scope="wire-*")
    return policy


def test_the_plan_and_what_is_left_of_it(noted: Noting) -> None:
    assert shown(noted, "before", "plan", "age", "left", "fired", "planned") == [
        (0, 1, 0, 3, 0, "send(wire=0, value='a')"),
        (1, 1, 1, 2, 1, "send(wire=1, value='a')"),
        (2, 1, 2, 1, 2, "send(wire=2, value='a')"),
    ]
    assert shown(noted, "answered", "plan", "age", "left", "fired", "planned") == [
        (1, 1, 1, 2, 1, "send(wire=1, value='a')"),
        (2, 1, 2, 1, 2, "send(wire=2, value='a')"),
        (3, 1, 3, 0, 3, None),
    ]


def test_what_the_belief_shows_to_be_wrong_with_the_next_step(noted: Noting) -> None:
    assert shown(noted, "before", "violated", "by version", "belief", "stamp") == [
        (0, [], [], "a", 0),
        (1, ["wire-1"], ["wire-1"], "b", 0.25),
        (2, [], ["wire-2"], "b", 0.25),
    ]


def test_what_the_belief_shows_to_be_wrong_with_the_rest(noted: Noting) -> None:
    assert shown(noted, "observed", "staleness", "broken", "unsettled", "by", "news") == [
        (0.25, 0.5, True, ("wire-1", "wire-1"), "push", ("wire-1",)),
        (0.5, 1, True, ("wire-2", "wire-2"), "push", ("wire-2",)),
        (0.75, 0.5, True, (None, "wire-2"), "push", ("wire-2",)),
        (2.5, 0, False, (None, None), "push", ("wire-0",)),
    ]


def test_what_was_answered(noted: Noting) -> None:
    assert shown(noted, "answered", "reported", "failures", "met", "thinking") == [
        (1, "ok", 0, False, False),
        (2, "error", 1, False, False),
        (3, "ok", 0, False, False),
    ]


def test_while_a_plan_is_made_the_old_one_is_shown_and_then_the_new() -> None:
    policy = Noting(replans_at="wire-2")
    run(
        Wires(steps=3).but((0.5, "wire-2", "b"), (1.25, "wire-1", "b")),
        policy,
        thinking_time=1.0,
        thinking="concurrent",
        scope="wire-*",
    )
    assert shown(policy, "observed", "plan", "thinking", "age", "by", "news") == [
        (0.5, None, True, 0, "push", ("wire-2",)),
        (1.25, 1, True, 1.25, "push", ("wire-1",)),
        (2, 2, False, 1, "handover", ("wire-1",)),
    ]
    assert shown(policy, "before", "plan", "age", "left", "fired", "violated") == [
        (1, 1, 1, 3, 0, []),
        (2, 2, 1, 2, 0, ["wire-1"]),
        (3, 2, 2, 1, 1, []),
    ]


def test_work_that_another_hand_has_done_is_shown() -> None:
    policy = Noting()
    moves = ((0.5, "sent-1", True), (1.5, "sent-2", True), (1.75, "sent-2", False))
    run(Wires(steps=3).but(*moves), policy, loss=0.0)
    assert shown(policy, "before", "done") == [(0, False), (1, True), (2, False)]
    assert [(when, time) for when, time, seen in policy.notes if seen["met"]] == [
        ("observed", 1.5),
        ("answered", 3),
    ]


def test_what_is_counted_is_shown() -> None:
    """How often was fired, asked for a plan, planned anew, and blocked."""
    policy = Noting(replans_at="wire-2")
    run(Wires(steps=3).but((0.5, "wire-2", "b")), policy)
    assert shown(policy, "before", "counts") == [(0, (0, 0, 0, 0)), (1, (1, 1, 1, 0)), (2, (2, 1, 1, 0))]


def test_news_of_what_the_plan_does_not_need_unsettles_nothing_though_it_is_broken() -> None:
    policy = Noting()
    moves = ((0.5, "wire-1", "b"), (0.75, "sent-2", False), (1.0, "wire-2", "a"))
    run(Wires(steps=3).but(*moves), policy, prepare_time=2.0, horizon=1.5)
    assert shown(policy, "observed", "broken", "unsettled") == [
        (0.5, True, ("wire-1", "wire-1")),
        (0.75, True, (None, None)),
        (1, True, (None, "wire-2")),
    ]


def test_how_old_what_is_believed_is_before_there_is_a_plan_and_after() -> None:
    ages = []

    @dataclass(frozen=True)
    class Ageing(Policy):
        def observed(self, view: View, observation: Observation) -> Decision:
            ages.append((view.time, view.plan_age, view.belief_age, view.steps_left))
            return KEEP

    poll: dict[str, Any] = {"sampling": "poll", "poll_every": 1.0, "latency": 0.5, "thinking_time": 2.0}
    run(Wires(steps=3), Ageing(), horizon=3.75, **poll)
    assert ages == [(1.5, 0, 0, 0), (2.5, 2.5, 0.5, 2), (3.5, 3.5, 0.5, 1)]


def test_news_of_a_fluent_whose_value_is_as_it_was_unsettles_by_version() -> None:
    policy = Noting()
    run(Wires(steps=3).but((0.5, "wire-2", "a")), policy)
    assert shown(policy, "observed", "broken", "unsettled") == [(0.5, False, (None, "wire-2"))]


@pytest.mark.parametrize("seed", range(6))
def test_of_two_changes_at_one_instant_the_later_is_believed_whichever_is_heard_last(
    seed: int,
) -> None:
    policy = Noting()
    moves = ((0.5, "wire-1", "b"), (0.5, "wire-1", "c"))
    run(Wires(steps=2).but(*moves), policy, seed=seed, latency="exponential(1)", prepare_time=20.0)
    assert shown(policy, "before", "belief", "stamp")[0] == (20, "c", 0.5)
