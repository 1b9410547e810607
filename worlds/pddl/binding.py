"""Binding the actions and rules of a problem: from reachable bindings directly to bit masks.

The translator's own instantiation creates several objects for each condition of each binding. Here a schema
is prepared once, as the positions of its arguments, and a binding costs one look-up per literal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from math import prod
from operator import itemgetter
from typing import Any, NamedTuple

from plandrift.sim import Call, SettingError
from plandrift.worlds.pddl.blocks import place
from plandrift.worlds.pddl.derivation import Rule
from plandrift.worlds.pddl.task import Action, Conditional

Fact = tuple[str, tuple[str, ...]]
"""A predicate and its arguments."""
Terms = tuple[str, ...]
"""The objects bound to the variables of a schema, followed by its constants."""
Mask = tuple[int, int]
"""The facts that must be true, and the facts that must be false."""
MOST_BOUND = 300_000
"""The greatest number of ground actions: more would take gigabytes."""
MOST_REACHED = 5 * MOST_BOUND
"""The greatest number of reachable facts and bindings, including those of parts of conditions."""


def limit(what: Any, ways: int, most: int) -> None:
    """Refuse what can be bound in too many ways, before it is bound."""
    if ways > most:
        raise SettingError(
            f"{place(what) or what}: this can be bound in more than {most:,} ways: use fewer objects"
        )


class Facts:
    """The facts that may change, each with its bit; all other facts are decided by the initial state.

    Attributes:
        order: the facts that may change, in order.

    Args:
        moving: the facts that may change.
        init: the facts that hold initially.
    """

    def __init__(self, moving: Iterable[Fact], init: Iterable[Fact]) -> None:
        self.order = sorted(moving)
        self._bits: dict[str, dict[Terms, int]] = {}
        self._init: dict[str, set[Terms]] = {}
        for i, (name, terms) in enumerate(self.order):
            self._bits.setdefault(name, {})[terms] = 1 << i
        for name, terms in init:
            self._init.setdefault(name, set()).add(terms)

    def bits(self, name: str) -> Mapping[Terms, int]:
        """Return the bit of each fact of a predicate, by the fact's arguments."""
        return self._bits.get(name, {})

    def at_first(self, name: str) -> set[Terms]:
        """Return the arguments for which a predicate holds initially."""
        return self._init.get(name, set())


class LiftedLiteral(NamedTuple):
    """A literal in a condition of a schema.

    Attributes:
        bits: the bits of its predicate's facts.
        at_first: the arguments for which it holds initially.
        pick: returns its arguments, given the terms of a binding.
        negated: whether it must be false.
    """

    bits: Mapping[Terms, int]
    at_first: set[Terms]
    pick: Callable[[Terms], Terms]
    negated: bool


class LiftedEffect(NamedTuple):
    """An effect of a schema.

    Attributes:
        extras: the possible bindings of its own variables; one empty binding if it has none.
        when: its condition.
        bits: the bits of its predicate's facts.
        pick: returns the arguments of the fact, given the terms of a binding.
        negated: whether it deletes the fact.
    """

    extras: Sequence[Terms]
    when: list[LiftedLiteral]
    bits: Mapping[Terms, int]
    pick: Callable[[Terms], Terms]
    negated: bool


class _Terms:
    """The positions of a schema's variables and constants among the terms of a binding."""

    def __init__(self, variables: Iterable[Any]) -> None:
        self._places = {variable.name: i for i, variable in enumerate(variables)}
        self._width, self.constants = len(self._places), []  # type: tuple[int, list[str]]

    def picker(self, arguments: Sequence[Any], more: Sequence[Any] = ()) -> Callable[[Terms], Terms]:
        """Return a function that picks a literal's arguments; an effect's own variables come at the end."""
        own = {variable.name: i - len(more) for i, variable in enumerate(more)}
        places = [own[a] if a in own else self._place(str(a)) for a in arguments]
        if not places:
            return lambda _: ()
        if len(places) == 1:
            place = places[0]
            return lambda terms: (terms[place],)
        return itemgetter(*places)

    def _place(self, argument: str) -> int:
        found = self._places.get(argument)
        if found is None:
            found = self._places[argument] = self._width + len(self.constants)
            self.constants.append(argument)
        return found


def literals(condition: Any, terms: _Terms, facts: Facts, more: Sequence[Any] = ()) -> list[LiftedLiteral]:
    """Return the literals of a conjunction, those that nothing changes first, since most fail there."""
    parts = [condition] if hasattr(condition, "predicate") else condition.parts
    found = [
        LiftedLiteral(
            facts.bits(str(part.predicate)),
            facts.at_first(str(part.predicate)),
            terms.picker(part.args, more),
            part.negated,
        )
        for part in parts
    ]
    return sorted(found, key=lambda literal: bool(literal.bits))


def met(condition: list[LiftedLiteral], terms: Terms) -> Mask | None:
    """Return the facts that a condition requires, or None if it can never be met."""
    needs = forbids = 0
    for bits, at_first, pick, negated in condition:
        chosen = pick(terms)
        bit = bits.get(chosen)
        if bit is None:
            if (chosen in at_first) == negated:
                return None
        elif negated:
            forbids |= bit
        else:
            needs |= bit
    return None if needs & forbids else (needs, forbids)


class Schema:
    """An action whose variables have yet to be bound.

    Attributes:
        touched: a mask of the facts that its bindings so far may change.

    Args:
        action: the translator's action.
        facts: the facts that may change.
        objects: the objects of each type, for effects with their own variables.
        values: the function values that determine costs; None if each action costs 1.
    """

    def __init__(
        self,
        action: Any,
        facts: Facts,
        objects: Mapping[str, Sequence[str]],
        values: Mapping[Fact, int] | None,
    ) -> None:
        self._name, self._terms = str(action.name), _Terms(action.parameters)
        shown = action.parameters[: action.num_external_parameters]
        self._pairs = [dict[str, tuple[str, str]]() for _ in shown]
        self._shown = [parameter.name.lstrip("?") for parameter in shown]
        self._condition = literals(action.precondition, self._terms, facts)
        ranges = [[objects.get(one.type_name, ()) for one in effect.parameters] for effect in action.effects]
        limit(action, sum(prod(map(len, each)) for each in ranges), MOST_REACHED)
        self._effects = [
            LiftedEffect(
                list(product(*each)),
                literals(effect.condition, self._terms, facts, effect.parameters),
                facts.bits(str(effect.literal.predicate)),
                self._terms.picker(effect.literal.args, effect.parameters),
                effect.literal.negated,
            )
            for each, effect in zip(ranges, action.effects, strict=True)
        ]
        self._cost = self._priced(action, values)
        self.touched = 0

    def _priced(self, action: Any, values: Mapping[Fact, int] | None) -> Callable[[Terms], int]:
        if values is None:
            return lambda _: 1
        said = action.cost and action.cost.expression
        if not said:
            return lambda _: 0
        if hasattr(said, "value"):
            fixed = int(said.value)
            return lambda _: fixed
        pick = self._terms.picker(said.args)
        return lambda terms: values[str(said.symbol), pick(terms)]

    def bound(self, arguments: Sequence[str]) -> Action | None:
        """Return the action with its variables bound, or None if it can never apply or has no effect."""
        terms = (*arguments, *self._terms.constants)
        condition = met(self._condition, terms)
        if condition is None:
            return None
        needs, forbids = condition
        adds = deletes = 0
        sometimes: dict[Mask, list[int]] = {}
        idle = True
        for extras, literals_, bits, pick, negated in self._effects:
            for extra in extras:
                every = (*terms, *extra) if extra else terms
                when = met(literals_, every) if literals_ else (0, 0)
                bit = None if when is None else bits.get(pick(every))
                if when is None or bit is None:
                    continue
                idle = False
                self.touched |= bit
                if when[0] & forbids or when[1] & needs:
                    continue
                # Conditions that the action itself requires need not be checked again.
                when = when[0] & ~needs, when[1] & ~forbids
                if any(when):
                    sometimes.setdefault(when, [0, 0])[negated] |= bit
                elif negated:
                    deletes |= bit
                else:
                    adds |= bit
        if idle:
            return None
        conditional = tuple(
            Conditional(*when, more & ~adds, less & ~adds & ~more)
            for when, (more, less) in sorted(sometimes.items())
        )
        return Action(
            self._call(arguments),
            needs,
            forbids,
            adds,
            deletes & ~adds,
            self._cost(terms),
            tuple(effect for effect in conditional if effect.adds or effect.deletes),
        )

    def _call(self, arguments: Sequence[str]) -> Call:
        """Return its call, whose argument objects are shared with other calls."""
        args = []
        for known, name, value in zip(self._pairs, self._shown, arguments, strict=False):
            pair = known.get(value)
            if pair is None:
                pair = known[value] = name, value
            args.append(pair)
        return Call(self._name, tuple(args))


class RuleSchema:
    """A rule whose variables have yet to be bound.

    Args:
        axiom: the translator's axiom.
        facts: the facts that may change.
    """

    def __init__(self, axiom: Any, facts: Facts) -> None:
        self._terms = _Terms(axiom.parameters)
        self._condition = literals(axiom.condition, self._terms, facts)
        self._bits = facts.bits(str(axiom.name))
        self._width = axiom.num_external_parameters

    def bound(self, arguments: Sequence[str]) -> Rule | None:
        """Return the rule with its variables bound, or None if its condition can never be met."""
        condition = met(self._condition, (*arguments, *self._terms.constants))
        return None if condition is None else Rule(self._bits[tuple(arguments[: self._width])], *condition)
