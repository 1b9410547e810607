"""An array scene says what the scene says: plans, answers, siblings, side effects, changes."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plandrift.sim import ArrayForm, ArrayScene, Call, Scene, Streams, Value, World
from plandrift.sim.companions.array_scene import (
    COUNT,
    HARMFUL,
    JUMP,
    NONE,
    REJECTED,
    VOID,
    first_values,
    links,
)
from plandrift.sim.settings.exogenous import blocks
from plandrift.worlds.uneven import UnevenWorld
from tests.experiments.twin.situations import RECORDS, TELEGRAPHS

pytestmark = pytest.mark.long

NATURES = {VOID: "void", REJECTED: "rejected", HARMFUL: "harmful"}


def both(world: World, seed: int) -> tuple[Scene, ArrayScene]:
    """A scene, and its table with what is drawn for its seed."""
    table = ArrayForm.of(world.begin(Streams(seed + 1), 40.0)).array_scene()
    assert table is not None
    random, first, needs = Streams(seed), table.first.copy(), table.needs.copy()
    for (fluents, _), codes in zip(table.drawn, first_values(table.drawn, random["world"]), strict=True):
        first[fluents] = codes
    if table.linked:
        for job, source in links(table.linked, len(needs), random["world"]).items():
            needs[job, -1] = table.writes[source]
    assert isinstance(world, UnevenWorld)
    shares = world.rates(random, {str(i): weight for i, weight in enumerate(table.weights)})
    return world.begin(Streams(seed), 40.0), replace(
        table, first=first, needs=needs, weights=tuple(shares.values())
    )


def codes_of(scene: Scene, table: ArrayScene) -> list[list[Value]]:
    """The values of each fluent by their codes, as far as a test needs them."""
    found: list[list[Value]] = []
    for fluent in table.fluents:
        kind = fluent.partition(".")[2]
        if fluent.startswith("record"):
            ends: Any = scene.endpoints  # type: ignore[attr-defined]
            known = {
                "endpoint": list(ends),
                "owner": ["ana", "bo", "chen", "dita", "emre"],
                "content": ["outdated", "current"],
            }
            found.append(known.get(kind, list(range(500))))
        else:
            found.append([False, True] if fluent.startswith("done") else list(range(3)))
    return found


@settings(max_examples=150, deadline=None)
@given(world=st.one_of(RECORDS, TELEGRAPHS), seed=st.integers(0, 99), data=st.data())
def test_plans_and_answers(world: World, seed: int, data: st.DataObject) -> None:
    scene, table = both(world, seed)
    names = codes_of(scene, table)
    assert table.fluents == tuple(scene.first)
    assert [names[i][code] for i, code in enumerate(table.first)] == list(scene.first.values())
    assert scene.goals == {
        table.fluents[f]: names[f][done] for f, done in zip(table.writes, table.done, strict=True)
    }
    moved = {int(fluent): int(rule[1]) for fluent, rule in zip(table.moving, table.rules, strict=True)}
    codes = [data.draw(st.integers(0, max(1, moved.get(i, 2) - 1))) for i in range(len(table.fluents))]
    values = {fluent: names[i][codes[i]] for i, fluent in enumerate(table.fluents)}
    left = [j for j in range(len(table.writes)) if codes[table.writes[j]] != table.done[j]]
    plan = [table.call(j, [codes[f] for f in table.needs[j]]) for j in left]
    assert plan == list(scene.plan(values) or ())
    for j in range(len(table.writes)):
        believed = [data.draw(st.integers(0, 1)) for _ in table.needs[j]]
        call = table.call(j, believed)
        needs = [
            (int(f), int(value) if value != NONE else believed[n], int(table.natures[j, n]))
            for n, (f, value) in enumerate(zip(table.needs[j], table.values[j], strict=True))
            if f != NONE
        ]
        assert scene.requires(call) == {table.fluents[f]: names[f][value] for f, value, _ in needs}
        assert scene.effects(call) == {table.fluents[table.writes[j]]: names[table.writes[j]][table.done[j]]}
        wrong = [(f, nature) for f, value, nature in needs if codes[f] != value]
        answer = scene.answer(call, values)
        assert answer.violated == tuple(table.fluents[f] for f, _ in wrong)
        worst = max((nature for _, nature in wrong), default=VOID)
        if codes[table.writes[j]] == table.done[j]:
            expected = "harmful" if worst == HARMFUL else "repeat"
        else:
            expected = NATURES[worst] if wrong else "effective"
        assert answer.outcome == expected
        assert list(scene.confusable(call)) == siblings(table, j, believed)
        assert set(scene.sources(call).values()) == {
            table.fluents[f] for f, lossy in zip(table.needs[j], table.lossy[j], strict=True) if lossy
        }
    mark = data.draw(st.floats(0, 1, exclude_max=True))
    fluent, count = table.sides[int(mark * len(table.sides))]
    value = (codes[fluent] + 1 + int(mark * len(table.sides) % 1 * (count - 1))) % count
    assert scene.side_effects(plan[0] if plan else Call("any"), values, mark) == {
        table.fluents[fluent]: names[fluent][value]
    }


def siblings(table: ArrayScene, job: int, reads: list[int]) -> list[Call]:
    held = reads[0]
    others = [(held + 1) % table.siblings] if table.next_sibling else range(table.siblings)
    return [table.call(job, [other, *reads[1:]]) for other in others if other != held]


@pytest.mark.parametrize("seed", range(3))
@settings(max_examples=40, deadline=None)
@given(world=st.one_of(RECORDS, TELEGRAPHS))
def test_changes(seed: int, world: World) -> None:
    scene, table = both(world, seed)
    random = Streams(seed)
    world.begin(random, 40.0)
    names, held = codes_of(scene, table), table.first.tolist()
    told = list(islice(scene.changes(), 100))
    drawn: Any = next(blocks(random["exogenous"], table.weights, table.rate), ([], [], []))
    for (time, fluent, value), at, place, mark in zip(told, *drawn, strict=False):
        moving, (rule, a, b) = table.moving[place], table.rules[place]
        if rule == JUMP:
            held[moving] = (held[moving] + 1 + int(mark * (a - 1))) % a
        else:
            held[moving] = held[moving] + 1 if rule == COUNT else a if mark < 0.5 else b
        assert (time, fluent, value) == (at, table.fluents[moving], names[moving][held[moving]])
