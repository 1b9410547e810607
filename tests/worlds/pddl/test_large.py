"""What large tasks are done by, whole layers at a time: against what small ones are done by, and by force."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plandrift.worlds.pddl import derivation, relaxation
from plandrift.worlds.pddl.applicable import Applicable
from plandrift.worlds.pddl.derivation import Rule, Stratum
from plandrift.worlds.pddl.generator import DOMAINS
from plandrift.worlds.pddl.greedy import GreedySearch
from plandrift.worlds.pddl.grounding import ground
from plandrift.worlds.pddl.reading import quiet, read, translator
from plandrift.worlds.pddl.relaxation import Relaxation
from plandrift.worlds.pddl.search import Search
from plandrift.worlds.pddl.task import Kernel, Task
from tests.worlds.pddl.domains import GOALS, WALK, walk
from tests.worlds.pddl.test_planning import FULL, TASK, domains, grounded, marks, valid, wandered

masks = st.integers(0, 255)


def both(task: Task) -> tuple[Relaxation, Relaxation]:
    """A task's relaxation as of a small task, and as of a large one."""
    with pytest.MonkeyPatch.context() as patch:
        small = Relaxation(task)
        layered(patch)
        return small, Relaxation(task)


def layered(patch: pytest.MonkeyPatch) -> None:
    """Have every task done in layers, however small it is."""
    patch.setattr(relaxation, "LARGE", 0)
    patch.setattr(relaxation, "LAYER", 0)


@settings(max_examples=80, deadline=None)
@given(name=domains, drift=marks)
def test_layers_apply_and_reach_what_the_queue_does(name: str, drift: list[float]) -> None:
    task = grounded(name, 2).task
    small, large = both(task)
    state = wandered(task, drift)
    want = small.wanted(task.goal)
    expected, found = small.estimate(state, want), large.estimate(state, want)
    assert expected is not None
    assert found is not None
    assert found.applicable == expected.applicable == task.applicable.places(state)
    assert found.helpful == found.plan & set(found.applicable)
    assert found.distance == len(found.plan)
    reached, before = state, -1
    while reached != before:
        before = reached
        for place in found.plan:
            action = task.actions[place]
            if reached & action.needs == action.needs:
                reached |= action.adds
    assert reached & task.goal.needs == task.goal.needs


@settings(max_examples=60, deadline=None)
@given(goal=st.sampled_from(sorted(GOALS)), drift=marks)
def test_layers_reach_as_much_through_rules_and_conditions(goal: str, drift: list[float]) -> None:
    task = ground(read(WALK, walk(goal), ("walk.pddl", "p.pddl")))
    small, large = both(task)
    state = wandered(task, drift)
    for place in range(len(task.facts)):
        want = small.wanted(Kernel(1 << place, 0))
        expected, found = small.estimate(state, want), large.estimate(state, want)
        assert (found is None) == (expected is None)
        if found is not None and expected is not None:
            assert found.applicable == expected.applicable


@pytest.mark.parametrize("name", sorted(DOMAINS))
def test_a_large_task_has_a_plan_that_succeeds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    layered(monkeypatch)
    found = grounded(name, 3)
    plan = Search(found.task).plan(found.task.init, found.task.goal, 5000).actions
    assert plan is not None
    assert valid(found, plan)


def test_the_greedy_search_takes_each_action_of_a_state_once() -> None:
    task = grounded("ferry", 2).task
    relaxed = Relaxation(task)
    loaded = task.places["loaded"]
    never = Kernel(loaded, loaded)
    search = GreedySearch(task, relaxed, task.init, never)
    assert search.plan(100_000) is None
    assert not search.spent
    # Each state that can be reached was expanded, and none of them twice.
    seen, agenda = {task.init}, [task.init]
    while agenda:
        state = agenda.pop()
        for place in task.applicable.places(state):
            there = task.after(task.actions[place], state)
            if there not in seen:
                seen.add(there)
                agenda.append(there)
    assert search.expansions == len(seen)


@settings(max_examples=200)
@given(
    rules=st.lists(st.tuples(st.integers(0, 4), masks, st.integers(0, 7)), max_size=12),
    state=st.integers(0, 7),
)
def test_few_rules_and_many_derive_the_least_fixpoint(rules: list[tuple[int, int, int]], state: int) -> None:
    """Three facts below, five derived: only those below are denied."""
    made = [Rule(8 << head, needs & ~forbids, forbids) for head, needs, forbids in rules]
    reached, before = state, -1
    while reached != before:
        before = reached
        for rule in made:
            if reached & rule.needs == rule.needs and not reached & rule.forbids:
                reached |= rule.head
    assert Stratum(made).closed(state) == reached
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(derivation, "LARGE", 1)
        assert Stratum(made).closed(state) == reached


@settings(max_examples=100)
@given(conditions=st.lists(st.tuples(masks, masks), max_size=12), state=masks)
def test_what_applies_is_what_every_action_says_of_itself(
    conditions: list[tuple[int, int]], state: int
) -> None:
    kernels = [Kernel(needs, forbids) for needs, forbids in conditions]
    assert Applicable(kernels).places(state) == [i for i, one in enumerate(kernels) if one.holds(state)]


def test_what_is_bound_is_what_the_translator_binds() -> None:
    """Its own instantiation makes objects of everything, and is the slow way."""
    for domain, problem in ((FULL, TASK), *((WALK, walk(goal)) for goal in GOALS)):
        lifted = read(domain, problem, ("d", "p"))
        task = ground(lifted)
        with quiet():
            _, _, actions, _, axioms, _ = translator("instantiate").explore(lifted.problem)
        said = [" ".join((a.call.action, *(str(v) for _, v in a.call.args))) for a in task.actions]
        assert sorted(said) == sorted(a.name.strip("()").rstrip() for a in actions)
        assert sum(len(stratum.rules) for stratum in task.strata) == len(axioms)
        costs = {a.name.strip("()").rstrip(): a.cost for a in actions}
        assert {name: a.cost for name, a in zip(said, task.actions, strict=True)} == costs


EVERYWHERE = """(define (domain everywhere)
 (:requirements :strips :typing :conditional-effects :negative-preconditions)
 (:types place)
 (:constants home - place)
 (:predicates (at ?p - place) (near ?a ?b - place) (known ?p - place) (dark ?p - place) (never ?p - place))
 (:action look :parameters (?p - place) :precondition (at ?p)
  :effect (forall (?q - place) (when (and (near ?p ?q) (not (dark ?q))) (known ?q))))
 (:action return :parameters () :precondition (not (at home))
  :effect (and (at home) (forall (?q - place) (when (not (= ?q home)) (not (at ?q))))))
 (:action open :parameters (?p - place) :precondition (never ?p) :effect (not (dark ?p))))
"""


def test_an_effect_everywhere_is_bound_for_each_place_that_what_is_fixed_allows() -> None:
    problem = (
        "(define (problem e) (:domain everywhere) (:objects a b c - place)"
        " (:init (at a) (near a b) (near a c) (dark c)) (:goal (and (known b) (at home))))"
    )
    task = ground(read(EVERYWHERE, problem, ("d", "p")))
    # Nothing opens c: that it is dark is no fact of the task.
    assert not any(fact.startswith(("dark", "near", "never")) for fact in task.facts)
    by_name = {str(action.call): action for action in task.actions}
    assert task.named(by_name["look(p='a')"].adds) == ["known(b)"]
    assert task.named(by_name["return()"].deletes) == ["at(a)"]
    assert task.named(by_name["return()"].forbids) == ["at(home)"]
