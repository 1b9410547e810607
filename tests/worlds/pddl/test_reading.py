"""Small files: read as what they are, or refused in a line that says where and why."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path

import pytest

from plandrift.policies import plan_once
from plandrift.sim import SettingError, run
from plandrift.worlds import Pddl
from plandrift.worlds.pddl.grounding import ground
from plandrift.worlds.pddl.reading import read
from plandrift.worlds.pddl.task import Task

DOMAIN = """(define (domain k)
 (:requirements :strips {requires})
 {types}
 (:predicates (p) (m) (q) {predicates})
 {more}
 (:action a :parameters () :precondition (p) :effect (m))
 (:action b :parameters () :precondition (m) :effect (q)))"""
PROBLEM = """(define (problem one) (:domain k)
 (:objects {objects})
 (:init (p) {init})
 (:goal {goal}))"""
COSTS = (
    "(:functions (total-cost) - number (length ?x) - number)\n (:action c :parameters (?x) :effect (and (q) "
)
TWELVE = "?a ?b ?c ?d ?e ?f ?g ?h ?i ?j ?k ?l"


def texts(before: str = "", **parts: str) -> tuple[str, str]:
    """A domain whose plan is a, b and a problem of it, with these parts added, and a text before each."""
    blank = dict.fromkeys(("requires", "types", "predicates", "more", "objects", "init"), "")
    filled = blank | {"goal": "(q)"} | parts
    return before + DOMAIN.format(**filled), before + PROBLEM.format(**filled)


def grounded(domain: str, problem: str, schemas: str = "") -> Task:
    return ground(read(domain, problem, ("d.pddl", "p.pddl"), (schemas, "o.toml: schemas")))


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"before": "; this replaces the (domain k-old) of 2004\n"},
        {"before": "; page 1\fpage ) 2\x0b(\x85)\u2028)\n"},
        {"before": "; Macintosh )\r"},
        {"requires": ":fluents :numeric-fluents :preferences :a-new-one"},
        {"predicates": "(preference ?x) (assign) (process)", "init": "(assign) (process)"},
        {
            "types": "(:types depot market - place)",
            "predicates": "(at ?x - place)",
            "more": "(:action c :parameters (?x - place) :precondition (at ?x) :effect (not (at ?x)))",
            "objects": "d - depot",
            "init": "(at d)",
        },
    ],
)
def test_what_is_read_has_its_plan(parts: dict[str, str]) -> None:
    task = grounded(*texts(**parts))
    state = task.init
    for action, name in zip(task.actions, ("a", "b", "c"), strict=False):
        assert action.call.action == name
        assert action.applies(state)
        state = task.after(action, state)
    assert task.goal.holds(state)


WRONG: list[tuple[dict[str, str], str]] = [
    ({"more": "(:action b :parameters () :effect (p))"}, r"d\.pddl:7: b is .* second time, after d\.pddl:5"),
    ({"objects": "o\n o"}, r"p\.pddl:3: o is declared a second time, after p\.pddl:2"),
    ({"goal": "(exists (?x - (either x y))\n (p))"}, r"p\.pddl:4: it uses either outside \(:predicates"),
    ({"goal": "(and (q)\n (preference x (q)))"}, r"p\.pddl:5: it uses preferences, which"),
    ({"goal": "(q))\n (:metric maximize (total-cost)"}, r"p\.pddl:5: it uses a metric other than"),
    ({"goal": "()"}, r"p\.pddl:4: The definition of the goal expects a non-empty list"),
    ({"goal": "(forall (?x - boat) (q))"}, r"p\.pddl:4: unknown type boat: known: object"),
    ({"init": "(at 5 (p))"}, r"p\.pddl:3: Undefined predicate: at"),
    ({"more": "(:action c :parameters ((?x)) :effect (q))"}, r"d\.pddl:5: it cannot be read: STRIPS"),
    ({"more": f"{COSTS}(increase (total-cost) (+ 1 2))))"}, r"d\.pddl:6: Undefined predicate: \+"),
    ({"more": f"{COSTS}(increase (total-cost) (length))))"}, r"d\.pddl:6: length takes 1 objects, not 0"),
    ({"more": f"{COSTS}(increase (length ?x) 1)))"}, r"d\.pddl:6: it uses numeric effects"),
    ({"more": "(:derived (m) (q))"}, r"d\.pddl:6: derived predicate 'm' appears in effect of action 'a'"),
    ({"before": "(define (domain j))\n"}, r"d\.pddl:2: this \( is outside of \(define …\)"),
]


@pytest.mark.parametrize(("parts", "said"), WRONG)
def test_what_is_wrong_has_its_line(parts: dict[str, str], said: str) -> None:
    with pytest.raises(SettingError, match=f"^{said}") as refusal:
        grounded(*texts(**parts))
    assert "\n" not in str(refusal.value)


def test_an_empty_file_is_one() -> None:
    domain, problem = texts()
    for files, said in (("", problem), "d.pddl: it is"), ((domain, ";\n"), "p.pddl:1: it is empty"):
        with pytest.raises(SettingError, match=f"^{re.escape(said)}"):
            grounded(*files)


def test_more_actions_come_into_the_domain_whatever_follows_it() -> None:
    domain, problem = texts()
    task = grounded(f"{domain}\n; the end (of the domain)", problem, "(:action c :effect (not (p))) ; no )")
    assert [action.call.action for action in task.actions] == ["a", "b", "c"]
    with pytest.raises(SettingError, match=r"^o\.toml: schemas:2: Undefined predicate: r"):
        grounded(domain, problem, "(:action c :effect\n (not (r)))")


@pytest.mark.parametrize(
    ("parameters", "effect"), [(TWELVE, "(at ?a)"), ("", f"(forall ({TWELVE}) (at ?a))")]
)
def test_too_many_bindings_are_refused_before_any_is_made(parameters: str, effect: str) -> None:
    action = f"(:action c :parameters ({parameters})\n :precondition (m) :effect {effect})"
    files = texts(more=action, predicates="(at ?x)", objects="o1 o2 o3 o4")
    tracemalloc.start()
    try:
        with pytest.raises(SettingError, match=r"^d\.pddl:5: this can be bound in more than 1,500,000 ways"):
            grounded(*files)
        assert tracemalloc.get_traced_memory()[1] < 5 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("goal", ["(p)", "(and)", "(forall (?x - object) (q))"])
def test_a_goal_that_holds_already_ends_at_once(goal: str, tmp_path: Path) -> None:
    paths = tmp_path / "d.pddl", tmp_path / "p.pddl"
    for path, text in zip(paths, texts(goal=goal), strict=True):
        path.write_text(text)
    episode = run(Pddl(volatility=0.0, domain=str(paths[0]), problem=str(paths[1])), plan_once())
    assert (episode.end, episode.metrics.duration, episode.metrics.success) == ("done", 0.0, 1)
