"""Derived facts: facts that hold because others do, computed stratum by stratum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from plandrift.worlds.pddl.closure import Closure

LARGE = 400
"""From this number of mutually dependent rules on, they are evaluated one layer at a time."""


@dataclass(frozen=True)
class Rule:
    """A rule: its derived fact holds if its condition does.

    Attributes:
        head: the derived fact, as a mask.
        needs: facts that must hold.
        forbids: facts that must not hold.
    """

    head: int
    needs: int
    forbids: int


class Stratum:
    """Rules that negate only facts decided in lower strata.

    Rules that do not depend on each other's heads are checked once, stopping at the first that derives the
    head. Every other rule waits for one missing fact at a time, until nothing new is derived.

    >>> ways = Stratum([Rule(head=0b100, needs=0b010, forbids=0), Rule(head=0b010, needs=0b001, forbids=0)])
    >>> bin(ways.closed(0b001))
    '0b111'
    """

    __slots__ = ("_circular", "_closure", "_heads", "_once", "rules")

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._heads = 0
        for rule in self.rules:
            self._heads |= rule.head
        once: dict[int, list[tuple[int, int]]] = {}
        for rule in self.rules:
            if not rule.needs & self._heads:
                once.setdefault(rule.head, []).append((rule.needs, rule.forbids))
        self._once = tuple(once.items())
        self._circular = tuple(
            (rule.head, rule.needs, rule.forbids) for rule in self.rules if rule.needs & self._heads
        )
        self._closure = Closure(self._circular) if len(self._circular) >= LARGE else None

    def __iter__(self) -> Iterator[Rule]:
        """The rules, in order."""
        return iter(self.rules)

    def of(self, heads: int) -> Stratum | None:
        """Return the rules that derive one of these heads; None if none does, this stratum if all do."""
        if self._heads & heads == self._heads:
            return self
        kept = [rule for rule in self.rules if rule.head & heads]
        return Stratum(kept) if kept else None

    def closed(self, state: int) -> int:
        """Return a state, in which none of the heads holds, with the facts that these rules derive."""
        given = 0
        for head, bodies in self._once:
            for needs, forbids in bodies:
                if state & needs == needs and not state & forbids:
                    given |= head
                    break
        state |= given
        if self._closure is not None:
            return self._closure.closed(state)
        return self._circled(state) if self._circular else state

    def _circled(self, state: int) -> int:
        heads = self._heads
        waiting: dict[int, list[tuple[int, int]]] = {}
        agenda: list[int] = []
        for head, needs, forbids in self._circular:
            if state & head or state & forbids:
                continue
            missing = needs & ~state
            if not missing:
                state |= head
                agenda.append(head)
            elif not missing & ~heads:
                waiting.setdefault(missing & -missing, []).append((head, needs))
        while agenda:
            for head, needs in waiting.pop(agenda.pop(), ()):
                if state & head:
                    continue
                missing = needs & ~state
                if missing:
                    waiting.setdefault(missing & -missing, []).append((head, needs))
                else:
                    state |= head
                    agenda.append(head)
        return state


def derive(state: int, strata: Sequence[Stratum]) -> int:
    """Return a state, in which no head of these rules holds, with the facts that they derive."""
    for stratum in strata:
        state = stratum.closed(state)
    return state
