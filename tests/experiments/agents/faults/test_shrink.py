"""Shrinking finds the changes that matter and no others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plandrift.experiments.agents.faults.failure import failures, kind_of
from plandrift.experiments.agents.faults.shrink import fewest
from plandrift.policies import plan_once
from plandrift.sim import run
from tests.sim.scripted import Corridor


@given(st.integers(0, 40), st.data())
def test_the_changes_that_are_needed_are_what_is_left(count: int, data: st.DataObject) -> None:
    changes = [(float(i), "door", i) for i in range(count)]
    needed = set(data.draw(st.lists(st.sampled_from(changes), max_size=4))) if changes else set()
    asked = []

    def fails(some: object) -> bool:
        asked.append(some)
        return needed <= set(some)  # type: ignore[call-overload,no-any-return]

    assert set(fewest(changes, fails)) == needed
    assert len(asked) <= 40 + 12 * (len(needed) + 1) ** 2


def test_either_of_two_is_enough() -> None:
    changes = [(1.0, "a", 1), (2.0, "b", 1), (3.0, "c", 1)]
    left = fewest(changes, lambda some: any(change[1] in "ac" for change in some))
    assert len(left) == 1


def test_kinds_of_fluents() -> None:
    assert kind_of("record-12.schema") == kind_of("record-3.schema") == "schema"
    assert kind_of("wire-7") == "wire-*"


def test_what_an_own_call_left_undone_is_no_change() -> None:
    world = Corridor(steps=3).but((0.5, "door-1", "shut"), fails="void")
    shut, undone = failures(run(world, plan_once()), world.moves)
    assert (shut.kind.cause, shut.kind.fluent, shut.kind.when) == ("drift_shown", "door-*", "heard")
    assert (undone.kind.cause, undone.kind.fluent, undone.kind.when) == ("own_void", "place", "no change")
    assert undone.kind.title == (
        "walk: void, a step is fired that depends on a call which did nothing but was reported ok (place)"
    )
    assert undone.before is None
