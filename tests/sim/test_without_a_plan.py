"""A planner that finds no plan: the agent waits for news, and asks again with each; and what a plan costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

from plandrift.policies import Assembled, bold, bold_broken, gated, plan_once, replan_each
from plandrift.sim import Call, Planning, Scene, Streams, run
from tests.sim.scripted import Wires, WiresScene, events, times


@dataclass(frozen=True)
class Puzzling(Wires):
    """No plan is found while the first wire is believed to hold "x"; shortest plans are known."""

    def begin(self, random: Streams, horizon: float) -> Scene:
        return PuzzlingScene(self)


class Searched(list[Call]):
    """A plan that says how many states its search expanded."""

    expansions = 5


class Unfound(str):
    """A reason that says the same."""

    expansions = 7


class PuzzlingPlanning(Planning):
    def no_plan(self, belief: Mapping[str, Any]) -> str:
        return Unfound("budget spent")

    def optimum(self, belief: Mapping[str, Any]) -> int | None:
        return 2


class PuzzlingScene(WiresScene):
    watched = True
    companions = (PuzzlingPlanning,)

    def plan(self, belief: Mapping[str, Any]) -> Sequence[Call] | None:
        left = super().plan(belief) or ()
        return None if belief["wire-0"] == "x" else Searched(left)


WORLD = Puzzling(steps=3)


def test_a_plan_says_what_its_search_took_and_how_long_it_is_against_the_shortest() -> None:
    metrics = run(WORLD, plan_once()).metrics
    assert (metrics.expansions, metrics.plan_ratio) == (5, 1.5)
    twice = run(WORLD.but((0.5, "wire-1", "b")), gated()).metrics
    assert (twice.expansions, twice.plan_ratio, twice.replans) == (10, (1.5 + 1) / 2, 1)
    assert isnan(run(Wires(), plan_once()).metrics.plan_ratio)


LOST = ((0.5, "wire-0", "x"), (0.6, "wire-1", "b"))


def test_an_agent_whose_plan_is_lost_waits_for_news_and_asks_with_each() -> None:
    world = WORLD.but(*LOST, (4.0, "wire-2", "b"), (6.25, "wire-0", "a"))
    episode = run(world, replan_each(), step_duration=2.0, trace=True)
    assert [(e.t, e.plan, e.outcome) for e in events(episode, "plan")] == [
        (0, 1, "found"),
        (0.5, None, "budget spent"),
        (0.6, None, "budget spent"),
        (4, None, "budget spent"),
        (6.25, 2, "found"),
    ]
    reasons = [e.reason for e in events(episode, "replan-requested")]
    assert reasons == ["start", "observation", *["news while there was no plan"] * 3]
    assert [step.time for step in episode.steps] == [0, 6.25, 8.25]
    assert (episode.end, episode.reason, episode.metrics.replans) == ("done", "", 1)
    assert episode.metrics.expansions == 5 + 3 * 7 + 5


def test_an_agent_that_never_had_a_plan_says_so_at_the_end() -> None:
    """What is heard while a plan is made asks for none: the policy is asked, and keeps what there is."""
    world = WORLD.but((0.5, "wire-0", "x"), (1.75, "wire-2", "b"), (2.0, "wire-1", "b"))
    none: dict[str, Any] = {"horizon": 5.0, "trace": True}
    lost = run(world, plan_once(), planner=lambda *_: None, **none)
    assert (lost.end, lost.reason) == ("horizon", "no plan was found: the planner found none")
    assert times(lost, "plan") == [0, 0.5, 1.75, 2]
    assert lost.metrics.steps_fired == 0
    found = run(world, plan_once(), thinking_time=1.0, planner=found_later, **none)
    assert [(e.t, e.plan) for e in events(found, "plan")] == [(1, None), (2.75, 1)]
    assert times(found, "replan-requested") == [0, 1.75]
    assert [step.time for step in found.steps] == [2.75]
    assert found.reason == ""


def found_later(belief: Mapping[str, Any], goals: Mapping[str, Any]) -> Sequence[Call] | None:
    return [Call.of("send", wire=2, value="b")] if belief["wire-2"] == "b" else None


def test_while_a_plan_is_lost_nothing_is_fired_though_one_is_in_hand() -> None:
    episode = run(WORLD.but(*LOST), bold_broken(), horizon=9.0, trace=True)
    assert [step.time for step in episode.steps] == [0]
    assert (episode.end, episode.reason, episode.metrics.score) == ("horizon", "", 1)


def test_a_plan_that_the_planner_would_not_choose_is_a_missed_alternative() -> None:
    """The wires are sent in another order: of the two units with steps left, the last one holds no choice."""
    other: dict[str, Any] = {"planner": lambda *_: [Call.of("send", wire=i, value="a") for i in (2, 1, 0)]}
    assert run(WORLD, plan_once(), **other).metrics.opportunity_staleness == 0.5
    assert run(WORLD, plan_once()).metrics.opportunity_staleness == 0
    assert isnan(run(Wires(steps=3), plan_once(), **other).metrics.opportunity_staleness)
    assert run(WORLD, plan_once(), action_latency=0.5, **other).metrics.opportunity_staleness == 1.5 / 2
    assert run(WORLD, plan_once(), action_latency=0.5).metrics.opportunity_staleness == 0


@dataclass(frozen=True)
class Idle(Wires):
    """Nothing is planned until the first wire is believed to hold "go"."""

    def begin(self, random: Streams, horizon: float) -> Scene:
        return IdleScene(self)


class IdleScene(WiresScene):
    def plan(self, belief: Mapping[str, Any]) -> Sequence[Call] | None:
        return super().plan(belief) if belief["wire-0"] == "go" else ()


def test_a_plan_with_nothing_to_fire_is_asked_for_once_more_and_then_only_with_news() -> None:
    world = Idle(steps=2).but((1.5, "wire-1", "b"), (3.0, "wire-0", "go"))
    for thinking in (0.25, 0.0):
        episode = run(world, bold(), thinking_time=thinking, trace=True)
        assert [(e.t, e.reason) for e in events(episode, "replan-requested")] == [
            (0, "start"),
            (thinking, "plan used up"),
            (1.5, "news while there was no plan"),
            (3, "news while there was no plan"),
        ]
        assert [step.time for step in episode.steps] == [3 + thinking, 4 + thinking]
    at_once = run(world, plan_once())
    assert (at_once.end, at_once.metrics.duration, at_once.metrics.thinking_share) == ("done", 0, 0)


class MendingPlanning(Planning):
    def repair(self, belief: Mapping[str, Any], rest: Sequence[Call]) -> Sequence[Call]:
        return [call.but(value=belief[f"wire-{call.arg('wire')}"]) for call in reversed(rest)]


@dataclass(frozen=True)
class Mendable(Wires):
    """A plan is repaired by turning its rest around."""

    def begin(self, random: Streams, horizon: float) -> Scene:
        return MendableScene(self)


class MendableScene(WiresScene):
    companions = (MendingPlanning,)


def test_a_policy_that_repairs_keeps_what_it_can_of_the_plan_in_hand() -> None:
    world = Mendable(steps=4).but((0.5, "wire-2", "b"))
    mended = run(world, Assembled(trigger="touched", repair=True))
    assert [s.call.arg("wire") for s in mended.steps] == [0, 3, 2, 1]
    anew = run(world, Assembled(trigger="touched"))
    assert [s.call.arg("wire") for s in anew.steps] == [0, 1, 2, 3]
