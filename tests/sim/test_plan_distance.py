"""How far a plan is from the rest of the one before it, and when replans are a storm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

import pytest

from plandrift.policies import replan_each
from plandrift.sim import Call, run
from tests.sim.scripted import Wires


def distance(before: str, after: str) -> float:
    """Of a plan of these wires to the rest of that of others; its first step is under way, and of neither."""

    def planner(belief: Mapping[str, Any], goals: Mapping[str, Any]) -> Sequence[Call]:
        return [
            Call.of("send", wire=int(i), value="a") for i in (before if belief["wire-3"] == "a" else after)
        ]

    settings: dict[str, Any] = {"planner": planner, "step_duration": 5.0, "horizon": 4.0}
    return run(Wires(steps=4).but((0.5, "wire-3", "b")), replan_each(), **settings).metrics.plan_distance


@pytest.mark.parametrize(
    ("before", "after", "apart"),
    [
        ("0123", "123", 0),
        ("0123", "321", 0),
        ("0123", "12", 1 / 3),
        ("012", "123", 1 / 2),
        ("012", "33", 4 / 2),
        ("0112", "12", 1 / 3),
        ("0122", "1112", 3 / 3),
    ],
)
def test_the_steps_in_one_and_not_in_the_other(before: str, after: str, apart: float) -> None:
    assert distance(before, after) == pytest.approx(apart)


def test_without_a_second_plan_there_is_no_distance() -> None:
    assert isnan(run(Wires(), replan_each()).metrics.plan_distance)


@pytest.mark.parametrize(("replans", "storms"), [(2, 0), (3, 1), (4, 1), (6, 1)])
def test_three_replans_in_a_row_are_a_storm(replans: int, storms: int) -> None:
    moves = [(0.1 * i, "wire-2", f"{i}") for i in range(1, replans + 1)]
    metrics = run(Wires(steps=3).but(*moves), replan_each(), scope="wire-*").metrics
    assert (metrics.replans, metrics.storms) == (replans, storms)


@pytest.mark.parametrize(("replans", "storms"), [(2, 0), (3, 1)])
def test_the_first_plan_is_none_of_them(replans: int, storms: int) -> None:
    """Nothing has been fired yet: the first call is long prepared."""
    moves = [(0.1 * i, "wire-2", f"{i}") for i in range(1, replans + 1)]
    metrics = run(Wires(steps=3).but(*moves), replan_each(), scope="wire-*", prepare_time=1.0).metrics
    assert (metrics.replans, metrics.storms) == (replans, storms)


def test_a_fire_ends_a_storm_and_another_may_follow() -> None:
    moves = [(t, "wire-2", f"{t}") for t in (0.1, 0.2, 1.1, 1.2, 1.3, 2.1, 2.2)]
    metrics = run(Wires(steps=3).but(*moves), replan_each(), scope="wire-*").metrics
    assert (metrics.replans, metrics.storms) == (7, 1)
    again = [(t, "wire-2", f"{t}") for t in (0.1, 0.2, 0.3, 1.1, 1.2, 1.3)]
    assert run(Wires(steps=3).but(*again), replan_each(), scope="wire-*").metrics.storms == 2
