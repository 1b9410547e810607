"""From PDDL to a ground task, by unified-planning's reader and compilers.

Quantifiers, conditional effects and disjunctions are compiled away; what is numeric, temporal or
otherwise beyond that is refused by name. A predicate is static if no action changes it, the agent's or
the world's: only then may it be decided once for all.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from typing import Any

from sim import Call, PlandriftError, SettingError
from worlds.pddl.task import Action, Kernel, Task

Literal_ = tuple[str, tuple[str, ...], bool]
"""A predicate, its arguments (parameters or objects), and whether it is to hold."""

MOST_BOUND = 100_000
"""Ways to bind the actions of a problem: more would take gigabytes."""

COMPILED = ("QUANTIFIERS_REMOVING", "CONDITIONAL_EFFECTS_REMOVING", "DISJUNCTIVE_CONDITIONS_REMOVING")
REFUSED = {
    "CONTINUOUS_TIME": "durative actions",
    "DISCRETE_TIME": "durative actions",
    "TIMED_EFFECTS": "timed effects",
    "SIMPLE_NUMERIC_PLANNING": "numeric fluents",
    "GENERAL_NUMERIC_PLANNING": "numeric fluents",
    "REAL_FLUENTS": "numeric fluents",
    "INT_FLUENTS": "numeric fluents",
    "OBJECT_FLUENTS": "object fluents",
    "NUMERIC_FLUENTS": "numeric fluents",
    "PROCESSES": "processes",
    "EVENTS": "PDDL+ events",
    "TRAJECTORY_CONSTRAINTS": "trajectory constraints",
    "DERIVED_FLUENTS": "derived predicates",
}
"""What is not read, and what it is called."""


@dataclass(frozen=True)
class Schema:
    """A lifted action.

    Attributes:
        name: of the action.
        parameters: each with the objects that it may be.
        conditions: literals that must hold.
        same: pairs of terms that must be the same object, or must not.
        effects: literals that hold afterwards.
        cost: of carrying it out.
    """

    name: str
    parameters: tuple[tuple[str, tuple[str, ...]], ...]
    conditions: tuple[Literal_, ...]
    same: tuple[tuple[str, str, bool], ...]
    effects: tuple[Literal_, ...]
    cost: int


@dataclass(frozen=True, eq=False)
class Lifted:
    """A problem as it was read.

    Attributes:
        problem: unified-planning's own, after its compilers.
        name: of the problem.
        init: the facts that hold at first.
        goal: literals that must hold at the end.
        schemas: all actions, those of the world among them.
    """

    problem: Any
    name: str
    init: frozenset[tuple[str, tuple[str, ...]]]
    goal: tuple[Literal_, ...]
    schemas: tuple[Schema, ...]


def planning(module: str) -> Any:
    """A module of unified-planning.

    Raises:
        PlandriftError: it is not installed.
    """
    try:
        import_module("unified_planning.shortcuts").get_environment().credits_stream = None
        return import_module(f"unified_planning.{module}")
    except ImportError:
        raise PlandriftError(
            "world pddl: unified-planning is not installed: pip install 'plandrift[planning]'"
        ) from None


def read(domain: str, problem: str, places: tuple[str, str]) -> Lifted:
    """Read a problem from the texts of its two files.

    Args:
        domain: the domain's text.
        problem: the problem's text.
        places: the names of the two files, for messages.

    Raises:
        SettingError: one cannot be read, they do not belong together, or use what is not supported.
    """
    reader = planning("io").PDDLReader()
    named = re.search(r"\(\s*domain\s+([^\s()]+)", domain), re.search(r"\(\s*:domain\s+([^\s()]+)", problem)
    if named[0] and named[1] and named[0][1].lower() != named[1][1].lower():
        raise SettingError(
            f"{places[1]}: it is a problem of the domain {named[1][1]}, but {places[0]} is {named[0][1]}: "
            "give the domain that it was written for"
        )
    for text, place in ((domain, places[0]), (problem, places[1])):
        _balanced(text, place)
    try:
        with warnings.catch_warnings():
            # The reader calls its own parser by names that are going out of use.
            warnings.simplefilter("ignore", DeprecationWarning)
            parsed = reader.parse_problem_string(domain, problem)
    except Exception as error:
        raise SettingError(_complaint(error, domain, problem, places)) from None
    _supported(parsed, places[0])
    for kind in COMPILED:
        parsed = _compiled(parsed, kind, places)
    return Lifted(
        parsed,
        str(parsed.name),
        _init(parsed),
        tuple(_literals(parsed.goals, places[1])[0]),
        tuple(_schema(parsed, action, places[0]) for action in parsed.actions),
    )


def _supported(problem: Any, place: str) -> None:
    found = [REFUSED[f] for f in sorted(problem.kind.features) if f in REFUSED]
    if found:
        raise SettingError(
            f"{place}: it uses {found[0]}, which plandrift does not read: STRIPS with types, negative, "
            "disjunctive and quantified conditions, conditional effects and action costs are read"
        )


def _compiled(problem: Any, kind: str, places: tuple[str, str]) -> Any:
    kinds = planning("engines").CompilationKind
    try:
        with planning("shortcuts").Compiler(
            problem_kind=problem.kind, compilation_kind=getattr(kinds, kind)
        ) as compiler:
            return compiler.compile(problem, getattr(kinds, kind)).problem
    except Exception as error:
        reason = " ".join(str(error).split())[:160]
        raise SettingError(f"{places[0]}: {kind.lower().replace('_', ' ')} failed: {reason}") from None


def _balanced(text: str, place: str) -> None:
    """Find the line of a bracket that is not closed, which the reader says less clearly."""
    opened: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        for letter in line.partition(";")[0]:
            if letter == "(":
                opened.append(number)
            elif letter == ")":
                if not opened:
                    raise SettingError(f"{place}:{number}: a bracket is closed that was never opened")
                opened.pop()
    if opened:
        raise SettingError(f"{place}:{opened[-1]}: a bracket is opened that is never closed")


def _complaint(error: Exception, domain: str, problem: str, places: tuple[str, str]) -> str:
    text = " ".join(str(error).split())
    line = getattr(error, "lineno", None)
    found = re.search(r"From line: (\d+)", text)
    number = line or (int(found[1]) if found else None)
    wrong = re.search(r"invalid expression: ([^\s.]+)", text)
    # The reader does not say which file it was reading.
    guess = places[1] if wrong and wrong[1] in problem and wrong[1] not in domain else places[0]
    reason = text.partition(". From line")[0].partition(" (at char")[0]
    if isinstance(error, KeyError):
        reason = f"unknown type or object {text}"
        guess = places[1] if text.strip("'") in problem else places[0]
    return f"{guess}{f':{number}' if number else ''}: {reason}: look there"


def _init(problem: Any) -> frozenset[tuple[str, tuple[str, ...]]]:
    found = set()
    for fluent, value in problem.explicit_initial_values.items():
        if value.is_true():
            found.add((fluent.fluent().name, tuple(str(a) for a in fluent.args)))
    return frozenset(found)


def _literals(conditions: Sequence[Any], place: str) -> tuple[list[Literal_], list[tuple[str, str, bool]]]:
    """The literals of a conjunction, and the terms that it wants the same or not."""
    literals: list[Literal_] = []
    same: list[tuple[str, str, bool]] = []
    for condition in conditions:
        if condition.is_and():
            more, equal = _literals(condition.args, place)
            literals += more
            same += equal
            continue
        holds = not condition.is_not()
        inner = condition if holds else condition.args[0]
        if inner.is_fluent_exp():
            literals.append((inner.fluent().name, tuple(_term(a) for a in inner.args), holds))
        elif inner.is_equals():
            one, two = (_term(a) for a in inner.args)
            same.append((one, two, holds))
        elif inner.is_true() == holds:
            continue
        else:
            raise SettingError(f"{place}: the condition {inner} is not read: write it as literals")
    return literals, same


def _term(node: Any) -> str:
    return "?" + node.parameter().name if node.is_parameter_exp() else str(node)


def _schema(problem: Any, action: Any, place: str) -> Schema:
    literals, same = _literals(action.preconditions, place)
    effects: list[Literal_] = []
    for effect in action.effects:
        fluent = effect.fluent
        effects.append((fluent.fluent().name, tuple(_term(a) for a in fluent.args), effect.value.is_true()))
    parameters = tuple(
        ("?" + p.name, tuple(sorted(o.name for o in problem.objects(p.type)))) for p in action.parameters
    )
    cost = 1
    for metric in problem.quality_metrics:
        costs = getattr(metric, "costs", None)
        if costs and costs.get(action) is not None:
            cost = int(costs[action].constant_value())
    return Schema(action.name, parameters, tuple(literals), tuple(same), tuple(effects), cost)


def ground(lifted: Lifted, events: Sequence[str] = ()) -> Task:
    """Bind every action in every way that can come about.

    Args:
        lifted: as read.
        events: the names of the actions that are the world's and not the agent's.
    """
    changing = {effect[0] for schema in lifted.schemas for effect in schema.effects}
    ways = (
        (schema, binding)
        for schema in sorted(lifted.schemas, key=lambda s: s.name)
        for binding in _bindings(schema, lifted.init, changing)
    )
    bound = list(islice(ways, MOST_BOUND + 1))
    if len(bound) > MOST_BOUND:
        raise SettingError(
            f"{lifted.name}: its actions can be bound in more than {MOST_BOUND} ways: give fewer objects"
        )
    found = _reachable(bound, lifted.init, changing)
    facts = sorted(
        {fact for schema, binding in found for fact in _facts(schema, binding, changing)}
        | {(name, terms) for name, terms, _ in lifted.goal}
    )
    place = {fact: 1 << i for i, fact in enumerate(facts)}
    made = [(schema.name, _action(schema, binding, place)) for schema, binding in found]
    made.sort(key=lambda pair: str(pair[1].call))
    needs, forbids = _masks(lifted.goal, {}, place)
    return Task(
        lifted.name,
        tuple(_written(fact) for fact in facts),
        sum(bit for fact, bit in place.items() if fact in lifted.init),
        Kernel(needs, forbids),
        tuple(action for name, action in made if name not in events),
        tuple(action for name, action in made if name in events),
    )


Binding = Mapping[str, str]


def _bindings(schema: Schema, init: frozenset[Any], changing: set[str]) -> Iterator[Binding]:
    """Every binding that the static conditions allow, found one parameter after the other."""
    statics = [c for c in schema.conditions if c[0] not in changing]

    def fits(binding: dict[str, str]) -> bool:
        for name, terms, holds in statics:
            bound = tuple(binding.get(t, t) for t in terms)
            if not any(t.startswith("?") for t in bound) and ((name, bound) in init) != holds:
                return False
        for one, two, alike in schema.same:
            a, b = binding.get(one, one), binding.get(two, two)
            if not (a.startswith("?") or b.startswith("?")) and (a == b) != alike:
                return False
        return True

    def extend(binding: dict[str, str], left: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Binding]:
        if not left:
            yield dict(binding)
            return
        (name, objects), rest = left[0], left[1:]
        for choice in objects:
            binding[name] = choice
            if fits(binding):
                yield from extend(binding, rest)
        del binding[name]

    if not schema.parameters:
        if fits({}):
            yield {}
        return
    yield from extend({}, schema.parameters)


def _reachable(
    bound: list[tuple[Schema, Binding]], init: frozenset[Any], changing: set[str]
) -> list[tuple[Schema, Binding]]:
    """The actions that can ever be carried out, by the agent or the world, if nothing is taken away."""
    reached = set(init)
    denied: set[Any] = set()
    waiting, found = bound, []
    while True:
        still, new = [], False
        for schema, binding in waiting:
            if all(
                (fact in reached) if holds else (fact not in init or fact in denied)
                for name, terms, holds in schema.conditions
                if name in changing
                for fact in [(name, tuple(binding.get(t, t) for t in terms))]
            ):
                found.append((schema, binding))
                new = True
                for name, terms, holds in schema.effects:
                    (reached if holds else denied).add((name, tuple(binding.get(t, t) for t in terms)))
            else:
                still.append((schema, binding))
        waiting = still
        if not new:
            return found


def _facts(schema: Schema, binding: Binding, changing: set[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, terms, _ in (*schema.conditions, *schema.effects):
        if name in changing:
            yield name, tuple(binding.get(t, t) for t in terms)


def _action(schema: Schema, binding: Binding, place: Mapping[Any, int]) -> Action:
    needs, forbids = _masks(schema.conditions, binding, place)
    adds, deletes = _masks(schema.effects, binding, place)
    arguments = tuple((name.lstrip("?"), binding[name]) for name, _ in schema.parameters)
    return Action(Call(schema.name, arguments), needs, forbids, adds, deletes & ~adds, schema.cost)


def _masks(literals: Sequence[Literal_], binding: Binding, place: Mapping[Any, int]) -> tuple[int, int]:
    """The facts wanted true and those wanted false; static ones have been decided already."""
    positive = negative = 0
    for name, terms, holds in literals:
        bit = place.get((name, tuple(binding.get(t, t) for t in terms)), 0)
        if holds:
            positive |= bit
        else:
            negative |= bit
    return positive, negative


def _written(fact: tuple[str, tuple[str, ...]]) -> str:
    name, terms = fact
    return f"{name}({', '.join(terms)})" if terms else name
