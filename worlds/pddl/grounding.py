"""From a problem as it was read to its ground task, by relaxed reachability.

Fast Downward's translator binds the actions and rules by a join over what is relaxed reachable (Helmert
2009), static predicates decided on the way. A fact that no action changes is decided once for all. The
derived predicates by which it keeps disjunctions and quantifiers are called by what they say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sim import Call, SettingError
from worlds.pddl.derivation import Rule, Stratum
from worlds.pddl.reading import Lifted, quiet, translator
from worlds.pddl.task import Action, Conditional, Kernel, Task

Fact = tuple[str, tuple[str, ...]]
"""A predicate and its arguments."""
MOST_BOUND = 100_000
"""Ways to bind the actions of a problem: more would take gigabytes."""
LONGEST = 160
"""Letters of a derived fact's name at most; longer ones end in a number."""


def ground(lifted: Lifted, events: Sequence[str] = ()) -> Task:
    """Bind every action in every way that can come about.

    Args:
        lifted: as read.
        events: the names of the actions that are the world's and not the agent's.
    """
    problem = lifted.problem
    with quiet():
        _, _, actions, _, axioms, _ = translator("instantiate").explore(problem)
    if len(actions) > MOST_BOUND:
        raise SettingError(
            f"{lifted.name}: its actions can be bound in more than {MOST_BOUND} ways: give fewer objects"
        )
    goal = list(_goal(problem.goal))
    init = {_fact(atom) for atom in problem.init if hasattr(atom, "predicate")}
    heads = {_fact(axiom.effect) for axiom in axioms}
    moving = heads | {
        _fact(fact) for action in actions for _, fact in (*action.add_effects, *action.del_effects)
    }
    facts = sorted(moving | {fact for fact, _ in goal})
    bit = {fact: 1 << i for i, fact in enumerate(facts)}
    masks = _Masks(bit, init)
    parameters = {
        action.name: [p.name.lstrip("?") for p in action.parameters[: action.num_external_parameters]]
        for action in problem.actions
    }
    made = [one for action in actions if (one := _action(action, masks, parameters)) is not None]
    made.sort(key=lambda action: str(action.call))
    rules = [
        Rule(bit[_fact(axiom.effect)], *pair)
        for axiom in axioms
        if (pair := masks.of(axiom.condition)) is not None
    ]
    state = sum(b for fact, b in bit.items() if fact in init)
    names = _Names(problem)
    task = Task(
        lifted.name,
        tuple(_distinct(names.of(fact) for fact in facts)),
        state,
        Kernel(sum({bit[f] for f, holds in goal if holds}), sum({bit[f] for f, holds in goal if not holds})),
        tuple(action for action in made if action.call.action not in events),
        tuple(action for action in made if action.call.action in events),
        _strata(rules, lambda head: names.of(facts[head.bit_length() - 1])),
    )
    return task if not task.strata else _closed(task)


def _closed(task: Task) -> Task:
    return Task(
        task.name, task.facts, task.closed(task.init), task.goal, task.actions, task.events, task.strata
    )


def _fact(atom: Any) -> Fact:
    return str(atom.predicate), tuple(str(a) for a in atom.args)


def _goal(condition: Any) -> Iterator[tuple[Fact, bool]]:
    if hasattr(condition, "predicate"):
        yield _fact(condition), not condition.negated
    elif type(condition).__name__ == "Falsity":
        yield ("never", ()), True
    else:
        for part in condition.parts:
            yield from _goal(part)


class _Masks:
    """Conditions as masks; what nothing changes has been decided by the first state."""

    def __init__(self, bit: Mapping[Fact, int], init: set[Fact]) -> None:
        self._bit, self._init = bit, init

    def of(self, literals: Iterable[Any]) -> tuple[int, int] | None:
        """The facts wanted true and those wanted false; None where they can never be so."""
        needs = forbids = 0
        for literal in literals:
            fact = _fact(literal)
            bit = self._bit.get(fact)
            if bit is None:
                if (fact in self._init) == literal.negated:
                    return None
            elif literal.negated:
                forbids |= bit
            else:
                needs |= bit
        return None if needs & forbids else (needs, forbids)

    def bit(self, atom: Any) -> int:
        """The bit of what an effect changes."""
        return self._bit[_fact(atom)]


def _action(action: Any, masks: _Masks, parameters: Mapping[str, list[str]]) -> Action | None:
    name, *arguments = action.name.strip("()").split()
    condition = masks.of(action.precondition)
    if condition is None:
        return None
    always, sometimes = [0, 0], dict[tuple[int, int], list[int]]()
    for place, effects in ((0, action.add_effects), (1, action.del_effects)):
        for literals, atom in effects:
            when = masks.of(literals)
            if when is None or when[0] & condition[1] or when[1] & condition[0]:
                continue
            # What the action itself requires need not be asked again.
            when = when[0] & ~condition[0], when[1] & ~condition[1]
            target = sometimes.setdefault(when, [0, 0]) if any(when) else always
            target[place] |= masks.bit(atom)
    conditional = tuple(
        Conditional(*when, adds & ~always[0], deletes & ~always[0] & ~adds)
        for when, (adds, deletes) in sorted(sometimes.items())
    )
    return Action(
        Call(name, tuple(zip(parameters[name], arguments, strict=True))),
        *condition,
        always[0],
        always[1] & ~always[0],
        action.cost,
        tuple(effect for effect in conditional if effect.adds or effect.deletes),
    )


def _strata(rules: list[Rule], name: Callable[[int], str]) -> tuple[Stratum, ...]:
    """The rules in an order in which those of a stratum deny only what lower ones have decided.

    Raises:
        SettingError: a derived fact rests on its own denial, so that there is no such order.
    """
    heads = 0
    for rule in rules:
        heads |= rule.head
    by_head: dict[int, list[Rule]] = {}
    # It takes longer to load than most commands to run.
    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph()
    for rule in rules:
        by_head.setdefault(rule.head, []).append(rule)
        graph.add_node(rule.head)
        body = (rule.needs | rule.forbids) & heads
        while body:
            low = body & -body
            graph.add_edge(low, rule.head)
            body ^= low
    whole = nx.condensation(graph)
    for rule in rules:
        together = sum(whole.nodes[whole.graph["mapping"][rule.head]]["members"])
        if rule.forbids & together:
            raise SettingError(
                f"derived predicates: {name(rule.head)} rests on its own denial: nobody can say "
                "whether it holds, write its :derived without that"
            )
    # Layers, so that what does not depend on one another is decided together.
    return tuple(
        Stratum(
            rule
            for head in sorted(head for component in layer for head in whole.nodes[component]["members"])
            for rule in by_head[head]
        )
        for layer in nx.topological_generations(whole)
    )


class _Names:
    """Facts as they are called: derived ones that the reader made, by what they say."""

    def __init__(self, problem: Any) -> None:
        self._own: dict[str, list[Any]] = {}
        for axiom in problem.axioms:
            if "@" in axiom.name:
                self._own.setdefault(str(axiom.name), []).append(axiom)

    def of(self, fact: Fact) -> str:
        name, terms = fact
        axioms = self._own.get(name)
        if axioms is None:
            return f"{name}({', '.join(terms)})" if terms else name
        said = []
        for axiom in axioms:
            free = [p.name for p in axiom.parameters]
            bound = dict(zip(free[: axiom.num_external_parameters], terms, strict=True))
            more = free[axiom.num_external_parameters :]
            text = self._condition(axiom.condition, bound)
            said.append(f"some {' '.join(more)}: {text}" if more else text)
        return " or ".join(dict.fromkeys(said))

    def _condition(self, condition: Any, bound: Mapping[str, str]) -> str:
        if hasattr(condition, "predicate"):
            text = self.of((str(condition.predicate), tuple(bound.get(a, a) for a in condition.args)))
            if " " in text and "(" not in text.partition(" ")[0]:
                text = f"({text})"
            return f"not {text}" if condition.negated else text
        parts = getattr(condition, "parts", ())
        return " and ".join(self._condition(part, bound) for part in parts) or "true"


def _distinct(names: Iterable[str]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for name in names:
        short = name if len(name) <= LONGEST else f"{name[:LONGEST]}…"
        seen[short] = count = seen.get(short, 0) + 1
        yield short if count == 1 else f"{short} #{count}"
