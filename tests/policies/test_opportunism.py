"""The triggers `better` and `new`: what else than a broken plan makes them replan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plandrift.policies import bold_better, bold_broken, bold_new
from plandrift.sim import Episode, Planning, Policy, Scene, Streams, run
from tests.sim.scripted import Wires, WiresScene, events


@dataclass(frozen=True)
class Tempting(Wires):
    """A wire that holds "gold" tempts."""

    def begin(self, random: Streams, horizon: float) -> Scene:
        return TemptingScene(self)


class TemptingPlanning(Planning):
    def offers_better(self, news: Sequence[str], belief: Mapping[str, Any], steps_left: int) -> bool:
        return steps_left > 2 and any(belief[fluent] == "gold" for fluent in news)


class TemptingScene(WiresScene):
    companions = (TemptingPlanning,)

    def __init__(self, world: Wires) -> None:
        super().__init__(world)
        self.first = {**self.first, "hole-1": None, "hole-2": 7, "rumour": None}


def asked(episode: Episode) -> list[tuple[float, str]]:
    """When plans were asked for after the first, and why."""
    return [(e.t, e.reason) for e in events(episode, "replan-requested")][1:]


def replans(policy: Policy, *moves: tuple[float, str, Any]) -> list[tuple[float, str]]:
    return asked(run(Tempting(steps=5).but(*moves), policy, trace=True))


GOLD = ((0.5, "hole-1", "gold"), (0.7, "rumour", 1), (3.5, "hole-2", "gold"))


def test_something_better_is_a_reason_while_the_world_says_so() -> None:
    assert replans(bold_better(), *GOLD) == [(0.5, "something better")]
    assert replans(bold_broken(), *GOLD) == []


def test_whatever_is_new_is_a_reason_where_it_is_watched() -> None:
    new = [(0.5, "hole-1 is new"), (0.7, "rumour is new"), (3.5, "hole-2 is new")]
    assert replans(bold_new(), *GOLD) == new
    assert replans(bold_new(watches=("rum*", "hole-1")), *GOLD) == new[:2]
    assert replans(bold_new(watches=()), *GOLD) == []


def test_what_ceases_to_be_is_not_new() -> None:
    assert replans(bold_new(), (0.5, "hole-2", None), (0.7, "hole-2", 1)) == [(0.7, "hole-2 is new")]


def test_a_broken_plan_is_a_reason_for_both() -> None:
    broken = ((0.5, "wire-3", "b"), (0.7, "wire-0", "b"))
    assert replans(bold_better(), *broken) == [(0.5, "wire-3 changed")]
    assert replans(bold_new(watches=("hole-*",)), *broken) == [(0.5, "wire-3 changed")]


def test_an_error_is_a_reason_for_both() -> None:
    """The wire changes when its call has been sent."""
    world = Tempting(steps=3).but((1.2, "wire-1", "b"))
    for policy in (bold_better(), bold_new(watches=("hole-*",)), bold_broken()):
        episode = run(world, policy, action_latency=0.5, scope="sent-*", horizon=3.5, trace=True)
        assert asked(episode) == [(2, "error"), (3, "error")]
