"""The search by novelty, what applies where, and what rules derive: each against what is slow and plain."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plandrift.worlds.pddl import search
from plandrift.worlds.pddl.applicable import Applicable
from plandrift.worlds.pddl.derivation import Rule, Stratum
from plandrift.worlds.pddl.generator import DOMAINS
from plandrift.worlds.pddl.novelty import NoveltySearch, Seen, shortened
from plandrift.worlds.pddl.relaxation import Relaxation
from plandrift.worlds.pddl.task import Action, Kernel, Task
from tests.worlds.pddl.test_planning import domains, grounded, marks, valid, wandered

masks = st.integers(0, 255)
UNBOUNDED = 1 << 60


def by_novelty(task: Task, state: int, goal: Kernel) -> NoveltySearch:
    relaxed = Relaxation(task)
    return NoveltySearch(task, relaxed, state, goal, relaxed.landmarks(state, relaxed.wanted(goal)))


@pytest.mark.parametrize(("name", "size"), list(product(sorted(DOMAINS), (1, 3))))
def test_its_plans_are_plans(name: str, size: int) -> None:
    found = grounded(name, size)
    searched = by_novelty(found.task, found.task.init, found.task.goal)
    actions = searched.plan(20_000, UNBOUNDED)
    assert actions is not None
    assert valid(found, actions)
    assert not searched.spent


@settings(max_examples=60, deadline=None)
@given(name=domains, drift=marks)
def test_there_is_one_exactly_where_breadth_first_search_finds_one(name: str, drift: list[float]) -> None:
    found = grounded(name, 1)
    state = wandered(found.task, drift)
    shortest = found.search.shortest(state, found.task.goal, 20_000)
    if found.task.goal.holds(state):
        return
    searched = by_novelty(found.task, state, found.task.goal)
    actions = searched.plan(20_000, UNBOUNDED)
    assert not searched.spent
    assert (actions is None) == (shortest is None)
    if actions is not None and shortest is not None:
        assert len(actions) >= shortest


def test_the_two_searches_take_turns_and_share_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    found = grounded("stacking", 4)
    task = found.task
    alone = found.search.plan(task.init, task.goal, 3000)
    novel = by_novelty(task, task.init, task.goal)
    by_itself = novel.plan(3000, UNBOUNDED)
    assert by_itself != alone.actions
    monkeypatch.setattr(search, "TURN", 1)
    plan = found.search.plan(task.init, task.goal, 3000)
    # Each goes on where it stopped, so that turns as short as can be come to the plan of one of the two.
    assert plan.actions in (alone.actions, by_itself)
    assert plan.expansions > min(alone.expansions, novel.expansions)
    spent = found.search.plan(task.init, task.goal, 10)
    assert (spent.actions, spent.expansions, spent.spent) == (None, 10, True)


@settings(max_examples=80, deadline=None)
@given(states=st.lists(masks, min_size=1, max_size=12))
def test_novelty_is_the_fewest_facts_never_seen_together(states: list[int]) -> None:
    seen, before = Seen(8), set[tuple[int, ...]]()
    for state in states:
        facts = [place for place in range(8) if state >> place & 1]
        sizes = [size for size in (1, 2) if any(chosen not in before for chosen in combinations(facts, size))]
        assert seen.novelty(state, state, (0, 0)) == min(sizes, default=3)
        before |= {chosen for size in (1, 2) for chosen in combinations(facts, size)}


@settings(max_examples=100)
@given(conditions=st.lists(st.tuples(masks, masks), max_size=12), state=masks)
def test_what_applies_is_what_every_action_says_of_itself(
    conditions: list[tuple[int, int]], state: int
) -> None:
    kernels = [Kernel(needs, forbids) for needs, forbids in conditions]
    assert Applicable(kernels).places(state) == [i for i, one in enumerate(kernels) if one.holds(state)]


@settings(max_examples=200)
@given(
    rules=st.lists(st.tuples(st.integers(0, 4), masks, st.integers(0, 7)), max_size=12),
    state=st.integers(0, 7),
)
def test_what_is_derived_is_the_least_fixpoint(rules: list[tuple[int, int, int]], state: int) -> None:
    """Three facts below, five derived: only those below are denied."""
    made = [Rule(8 << head, needs, forbids & ~needs) for head, needs, forbids in rules]
    reached, before = state, -1
    while reached != before:
        before = reached
        for rule in made:
            if reached & rule.needs == rule.needs and not reached & rule.forbids:
                reached |= rule.head
    assert Stratum(made).closed(state) == reached


@pytest.mark.long
@settings(max_examples=40, deadline=None)
@given(name=domains, walk=marks)
def test_a_plan_that_goes_out_of_its_way_is_shortened(name: str, walk: list[float]) -> None:
    found = grounded(name, 2)
    task = found.task
    detour: list[Action] = []
    state = task.init
    for mark in walk:
        action = task.drawn(state, mark)
        if action is not None:
            detour.append(action)
            state = task.after(action, state)
    rest = found.search.plan(state, task.goal, 5000).actions
    if rest is None:
        return
    plan = shortened(task, task.init, [*detour, *rest], task.goal)
    assert len(plan) <= len(detour) + len(rest)
    assert valid(found, plan)
    for place in range(len(plan)):
        # None can be left out alone any more.
        assert not works(task, [*plan[:place], *plan[place + 1 :]])


def works(task: Task, actions: list[Action]) -> bool:
    state = task.init
    for action in actions:
        if not action.applies(state):
            return False
        state = task.after(action, state)
    return task.goal.holds(state)
