"""A ground task in the text that Fast Downward's search reads: each fact is a variable with two values.

The format is version 3 of the translator's output (Helmert 2009). There is no metric in it, so every action
costs 1, which is how LAMA's first iteration counts anyway. Actions are named by their index, and those
without an effect are left out. A derived fact's variable has the number of its stratum as its axiom layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from plandrift.worlds.pddl.applicable import Conditioned
from plandrift.worlds.pddl.derivation import Rule
from plandrift.worlds.pddl.places import bits
from plandrift.worlds.pddl.task import Action, Conditional, Kernel, Task


def sas(task: Task, state: int, goal: Kernel) -> str:
    """Return the text of a task that begins in a state and has a goal, which can be met."""
    before, after = _unchanging(task)
    base = state & ~task.derived
    values = "\n".join(str(base >> place & 1) for place in range(len(task.facts)))
    return f"{before}begin_state\n{values}\nend_state\nbegin_goal\n{_condition(goal)}end_goal\n{after}"


@lru_cache(maxsize=16)
def _unchanging(task: Task) -> tuple[str, str]:
    """Return what comes before the initial state, and what comes after the goal."""
    layers = {rule.head: layer for layer, rules in enumerate(task.strata) for rule in rules}
    # The search takes the word before the bracket for the predicate.
    variables = [
        f"begin_variable\n{place}\n{layers.get(1 << place, -1)}\n2\nNegatedAtom {fact}()\nAtom {fact}()\n"
        "end_variable\n"
        for place, fact in enumerate(task.facts)
    ]
    operators = [text for i, action in enumerate(task.actions) if (text := _operator(i, action))]
    rules = [_rule(rule) for stratum in task.strata for rule in stratum]
    return (
        f"begin_version\n3\nend_version\nbegin_metric\n0\nend_metric\n{_counted(variables)}0\n",
        _counted(operators) + _counted(rules),
    )


def _operator(number: int, action: Action) -> str:
    """Return the text of an action; an empty one if it has no effect.

    If several effects set one variable, the last one counts; a fact that is both added and deleted is added.
    """
    always = Conditional(0, 0, action.adds & ~action.needs, action.deletes & ~action.forbids)
    effects: list[str] = []
    for value in (0, 1):
        for effect in (always, *action.conditional):
            when = _condition(effect).replace("\n", " ")
            effects += [
                f"{when}{place} -1 {value}\n" for place in bits(effect.adds if value else effect.deletes)
            ]
    if not effects:
        return ""
    return f"begin_operator\n{number}\n{_condition(action)}{_counted(effects)}1\nend_operator\n"


def _rule(rule: Rule) -> str:
    return f"begin_rule\n{_condition(rule)}{rule.head.bit_length() - 1} 0 1\nend_rule\n"


def _condition(of: Conditioned) -> str:
    values = [(place, 1) for place in bits(of.needs)] + [(place, 0) for place in bits(of.forbids)]
    return _counted([f"{place} {value}\n" for place, value in sorted(values)])


def _counted(parts: Sequence[str]) -> str:
    return f"{len(parts)}\n{''.join(parts)}"
