"""What a world and its scene answer where nothing of their own is said."""

from __future__ import annotations

import pytest

from plandrift.sim import Call, Planning, Streams
from tests.sim.scripted import Corridor, Wires

SCENE = Wires(steps=2).begin(Streams(0), 10.0)
CALL = Call.of("send", wire=0, value="a")


def test_changes_are_expected_by_the_volatility() -> None:
    assert Wires(volatility=0.5).expected_changes(3, 10.0) == 15


def test_a_scene_answers_by_what_a_call_requires_and_does() -> None:
    values = dict(SCENE.first)
    effective = SCENE.answer(CALL, values)
    assert (effective.outcome, effective.writes, effective.violated) == ("effective", {"sent-0": True}, ())
    again = SCENE.answer(CALL, values | {"sent-0": True})
    assert (again.outcome, again.writes, again.violated) == ("repeat", {}, ())
    moved = SCENE.answer(CALL, values | {"wire-0": "b"})
    assert (moved.outcome, moved.writes, moved.violated) == ("rejected", {}, ("wire-0",))
    both = SCENE.answer(CALL, values | {"wire-0": "b", "sent-0": True})
    assert (both.outcome, both.violated) == ("repeat", ("wire-0",))
    assert [one.reported for one in (effective, again, moved)] == ["ok", "ok", "error"]
    nothing = (
        Corridor(steps=2)
        .begin(Streams(0), 10.0)
        .answer(Call.of("walk", door=1), {"place": 0, "door-1": "shut"})
    )
    assert nothing.violated == ("place", "door-1")


@pytest.mark.parametrize(("sent", "score"), [((), 0), ((0,), 1), ((0, 1), 2)])
def test_a_goal_that_holds_counts_one(sent: tuple[int, ...], score: int) -> None:
    values = dict(SCENE.first) | {f"sent-{i}": True for i in sent}
    assert SCENE.score(values) == (score, 2)


def test_what_seldom_matters_is_not_there() -> None:
    values = SCENE.first
    assert SCENE.announced(None)
    assert SCENE.happen((("wire-0", "b"), ("wire-1", "c")), values) == {"wire-0": "b", "wire-1": "c"}
    assert SCENE.side_effects(CALL, values, 0.5) == {}
    assert (SCENE.confusable(CALL), SCENE.sources(CALL)) == ((), {})
    planning = Planning.of(SCENE)
    assert (planning.no_plan(values), planning.optimum(values), planning.still(values)) == (
        "unsolvable",
        None,
        False,
    )
    assert planning.repair(values, []) == planning.choice(values) == SCENE.plan(values)
    assert not planning.offers_better(("wire-0",), values, 2)
    assert planning.steps([CALL], values) is None
