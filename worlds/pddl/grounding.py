"""Grounding: turning a problem as it was read into its ground task, by relaxed reachability.

Fast Downward's translator binds actions and rules by a join over what is relaxed-reachable (Helmert 2009),
deciding static predicates on the way. A fact that no action changes is decided once and for all. The derived
predicates that represent disjunctions and quantifiers are named after what they mean.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

from plandrift.sim import SettingError
from plandrift.worlds.pddl.binding import MOST_BOUND, MOST_REACHED, Fact, Facts, RuleSchema, Schema, limit
from plandrift.worlds.pddl.collecting import uncollected
from plandrift.worlds.pddl.derivation import Rule, Stratum
from plandrift.worlds.pddl.places import bits
from plandrift.worlds.pddl.reading import Lifted, quiet, translator
from plandrift.worlds.pddl.task import Action, Kernel, Task

LONGEST = 160
"""The greatest length of a derived fact's name; longer names are cut and end in a number."""
ALWAYS: Fact = ("true in every state", ())
NEVER: Fact = ("true in no state", ())
"""The facts that stand for a goal that holds in every state, and for one that holds in none."""


def ground(lifted: Lifted, events: Sequence[str] = ()) -> Task:
    """Bind every action in every reachable way.

    Args:
        lifted: the problem as it was read.
        events: the names of the actions that belong to the world and not to the agent.
    """
    with quiet(), uncollected():
        return _ground(lifted, events)


def _ground(lifted: Lifted, events: Sequence[str]) -> Task:
    problem = lifted.problem
    model = _reachable(problem)
    kinds = translator("pddl")
    changing = {axiom.name for axiom in problem.axioms}
    changing |= {effect.literal.predicate for action in problem.actions for effect in action.effects}
    bound: list[tuple[Any, tuple[str, ...]]] = []
    derived: list[tuple[Any, tuple[str, ...]]] = []
    reached: set[Fact] = set()
    for atom in model:
        if isinstance(atom.predicate, kinds.Action):
            bound.append((atom.predicate, tuple(atom.args[: len(atom.predicate.parameters)])))
        elif isinstance(atom.predicate, kinds.Axiom):
            derived.append((atom.predicate, tuple(atom.args[: len(atom.predicate.parameters)])))
        elif atom.predicate in changing:
            reached.add(_fact(atom))
    limit(problem.problem_name, len(bound), MOST_BOUND)
    goal = list(_goal(problem.goal))
    goals = {fact for fact, _ in goal}
    init = {_fact(atom) for atom in problem.init if hasattr(atom, "predicate")} | {ALWAYS}
    facts = Facts(reached | goals, init)
    made, rules, touched = _bound(problem, facts, bound, derived)
    moving = goals | {facts.order[place] for place in bits(touched)}
    if len(moving) < len(facts.order):
        # A fact that no binding changes is not a fact of the task: repeat, with its initial value fixed.
        facts = Facts(moving, init)
        made, rules, _ = _bound(problem, facts, bound, derived)
    made.sort(key=lambda action: str(action.call))
    rules.sort(key=lambda rule: (rule.head, rule.needs, rule.forbids))
    bit = {fact: 1 << i for i, fact in enumerate(facts.order)}
    names = _Names(problem)
    task = Task(
        lifted.name,
        tuple(_distinct(names.of(fact) for fact in facts.order)),
        sum(b for fact, b in bit.items() if fact in init),
        Kernel(sum({bit[f] for f, holds in goal if holds}), sum({bit[f] for f, holds in goal if not holds})),
        tuple(action for action in made if action.call.action not in events),
        tuple(action for action in made if action.call.action in events),
        _strata(rules, lambda head: names.of(facts.order[head.bit_length() - 1])),
        sum(bit[fact] for fact in facts.order if names.invented(fact)),
    )
    return replace(task, init=task.closed(task.init))


def _reachable(problem: Any) -> list[Any]:
    """Return all facts and bindings that are relaxed-reachable; the translator's own loop has no limit."""
    program, build = translator("pddl_to_prolog").translate(problem), translator("build_model")
    unifier = build.Unifier(build.convert_rules(program))
    queue = build.Queue(sorted(fact.atom for fact in program.facts))
    waiting: list[Any] = []
    while queue or waiting:
        limit(problem.problem_name, len(queue.queue), MOST_REACHED)
        if queue:
            atom = queue.pop()
            for rule, part in unifier.unify(atom):
                if isinstance(rule, build.ProductRule):
                    waiting.append((rule, atom, part))
                else:
                    rule.update_index(atom, part)
                    rule.fire(atom, part, queue.push)
            continue
        # Products come last, when it is known how large they will be.
        more = Counter((rule, part) for rule, _, part in waiting)
        for rule, _ in more:
            sizes = (len(atoms) + more[rule, part] for part, atoms in enumerate(rule.atoms_by_index))
            limit(rule.effect.predicate, prod(sizes), MOST_REACHED)
        for rule, atom, part in waiting:
            rule.update_index(atom, part)
            rule.fire(atom, part, queue.push)
        waiting.clear()
    found: list[Any] = queue.queue
    return found


def _bound(
    problem: Any,
    facts: Facts,
    bound: list[tuple[Any, tuple[str, ...]]],
    derived: list[tuple[Any, tuple[str, ...]]],
) -> tuple[list[Action], list[Rule], int]:
    """Return the actions, the rules, and a mask of the facts that they may change."""
    objects = translator("instantiate").get_objects_by_type(problem.objects, problem.types)
    values = {
        (str(one.fluent.symbol), tuple(map(str, one.fluent.args))): int(one.expression.value)
        for one in problem.init
        if hasattr(one, "fluent") and hasattr(one.expression, "value")
    }
    costs = values if problem.use_min_cost_metric else None
    schemas = {id(action): Schema(action, facts, objects, costs) for action in problem.actions}
    made = [act for schema, terms in bound if (act := schemas[id(schema)].bound(terms)) is not None]
    ways = {id(axiom): RuleSchema(axiom, facts) for axiom in problem.axioms}
    rules = [rule for axiom, terms in derived if (rule := ways[id(axiom)].bound(terms)) is not None]
    touched = 0
    for schema in schemas.values():
        touched |= schema.touched
    for rule in rules:
        touched |= rule.head
    return made, rules, touched


def _fact(atom: Any) -> Fact:
    return str(atom.predicate), tuple(str(a) for a in atom.args)


def _goal(condition: Any) -> Iterator[tuple[Fact, bool]]:
    if hasattr(condition, "predicate"):
        yield _fact(condition), not condition.negated
    elif type(condition).__name__ == "Falsity":
        yield NEVER, True
    elif not condition.parts:
        yield ALWAYS, True
    for part in getattr(condition, "parts", ()):
        yield from _goal(part)


def _strata(rules: list[Rule], name: Callable[[int], str]) -> tuple[Stratum, ...]:
    """Order the rules in strata, so that each negates only facts that lower strata have decided.

    Raises:
        SettingError: a derived fact depends on its own negation, so there is no such order.
    """
    by_head: dict[int, list[Rule]] = {}
    for rule in rules:
        by_head.setdefault(rule.head, []).append(rule)
    heads = sum(by_head)
    # It takes longer to load than most commands take to run.
    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(by_head)
    for rule in rules:
        graph.add_edges_from((1 << below, rule.head) for below in bits((rule.needs | rule.forbids) & heads))
    whole = nx.condensation(graph)
    for rule in rules:
        together = sum(whole.nodes[whole.graph["mapping"][rule.head]]["members"])
        if rule.forbids & together:
            raise SettingError(
                f"derived predicates: {name(rule.head)} depends on its own negation, so its "
                "value is undefined: write its :derived without that"
            )
    # Build layers, so that facts that do not depend on each other are decided together.
    return tuple(
        Stratum(
            rule
            for head in sorted(head for component in layer for head in whole.nodes[component]["members"])
            for rule in by_head[head]
        )
        for layer in nx.topological_generations(whole)
    )


class _Names:
    """The names of facts; derived facts created by the reader are named after what they mean."""

    def __init__(self, problem: Any) -> None:
        self._own: dict[str, list[Any]] = {}
        for axiom in problem.axioms:
            if "@" in axiom.name:
                self._own.setdefault(str(axiom.name), []).append(axiom)

    def invented(self, fact: Fact) -> bool:
        return fact[0] in self._own

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
