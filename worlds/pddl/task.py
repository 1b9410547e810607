"""A ground planning problem as bit masks: a fact is a bit, an action is a few masks and a cost.

Conditional effects are kept. A derived fact, declared by the user or standing for a disjunction, is a bit
that rules compute from the others, stratum by stratum; a state is *closed* when they have been applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from plandrift.sim import Call, Value
from plandrift.worlds.pddl.applicable import Applicable
from plandrift.worlds.pddl.derivation import Stratum, derive
from plandrift.worlds.pddl.places import bits


@dataclass(frozen=True, slots=True)
class Conditional:
    """An effect that occurs only if its condition holds before the action.

    Attributes:
        needs: facts that must hold.
        forbids: facts that must not hold.
        adds: facts that hold afterwards.
        deletes: facts that do not hold afterwards, unless added.
    """

    needs: int
    forbids: int
    adds: int
    deletes: int

    def comes(self, state: int) -> bool:
        """Return whether its condition holds in a state."""
        return state & self.needs == self.needs and not state & self.forbids


@dataclass(frozen=True, slots=True)
class Action:
    """A ground action.

    Attributes:
        call: the action with its arguments bound, named as in the domain.
        needs: facts that must hold.
        forbids: facts that must not hold.
        adds: facts that hold afterwards.
        deletes: facts that do not hold afterwards, unless added.
        cost: its cost by the domain's metric, 1 without a metric.
        conditional: its conditional effects.
    """

    call: Call
    needs: int
    forbids: int
    adds: int
    deletes: int
    cost: int = 1
    conditional: tuple[Conditional, ...] = ()

    def applies(self, state: int) -> bool:
        """Return whether it can be carried out in a state."""
        return state & self.needs == self.needs and not state & self.forbids

    def after(self, state: int) -> int:
        """Return the state after it, without updating derived facts (see `Task.after`)."""
        adds, deletes = self.adds, self.deletes
        for effect in self.conditional:
            if state & effect.needs == effect.needs and not state & effect.forbids:
                adds |= effect.adds
                deletes |= effect.deletes
        return state & ~deletes | adds


@dataclass(frozen=True)
class Kernel:
    """The condition for a plan, or the rest of one, to succeed.

    Attributes:
        needs: facts that must hold.
        forbids: facts that must not hold.
    """

    needs: int
    forbids: int

    def holds(self, state: int) -> bool:
        """Whether it holds in a state."""
        return state & self.needs == self.needs and not state & self.forbids

    def before(self, action: Action) -> Kernel | None:
        """Return what must hold before an action without conditional effects for this to hold after it.

        Return None if it can never hold after the action.
        """
        deletes = action.deletes & ~action.adds
        if self.needs & deletes or self.forbids & action.adds:
            return None
        needs = self.needs & ~action.adds | action.needs
        forbids = self.forbids & ~deletes | action.forbids
        return None if needs & forbids else Kernel(needs, forbids)


@dataclass(frozen=True, eq=False)
class Task:
    """A ground problem.

    Attributes:
        name: the name of the problem.
        facts: the facts in the order of their bits, such as ``at(c1, l2)``.
        init: the facts that hold initially, including derived ones.
        goal: what must hold at the end.
        actions: the agent's actions, in order of their names.
        events: the world's actions, in order of their names.
        strata: the rules for derived facts; a stratum negates only facts of lower strata.
        invented: the derived facts that the domain does not declare, as a mask: the reader made them.
    """

    name: str
    facts: tuple[str, ...]
    init: int
    goal: Kernel
    actions: tuple[Action, ...]
    events: tuple[Action, ...]
    strata: tuple[Stratum, ...] = ()
    invented: int = 0

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The bit of each fact."""
        return {fact: 1 << i for i, fact in enumerate(self.facts)}

    @cached_property
    def by_call(self) -> Mapping[Call, Action]:
        """Each of the agent's actions by its call."""
        return {action.call: action for action in self.actions}

    @cached_property
    def applicable(self) -> Applicable:
        """The index that finds the agent's applicable actions."""
        return Applicable(self.actions)

    @cached_property
    def derived(self) -> int:
        """A mask of the derived facts."""
        return sum({rule.head for rules in self.strata for rule in rules})

    @cached_property
    def contextual(self) -> bool:
        """Whether the effect of any action depends on the state."""
        return bool(self.strata) or any(action.conditional for action in self.actions)

    @cached_property
    def cones(self) -> Mapping[int, int]:
        """For each derived fact, a mask of the facts on which it may depend."""
        cones: dict[int, int] = {}
        for rules in self.strata:
            moved = True
            while moved:
                moved = False
                for rule in rules:
                    before = cones.get(rule.head, 0)
                    cone = before | rule.needs | rule.forbids
                    for place in bits((rule.needs | rule.forbids) & self.derived):
                        cone |= cones.get(1 << place, 0)
                    if cone != before:
                        cones[rule.head], moved = cone, True
        return cones

    def touched(self, action: Action) -> int:
        """Return the facts that an action may change in some state."""
        return self._reach(action)[0]

    def closed(self, state: int) -> int:
        """Return a state with its derived facts computed from the others."""
        return derive(state & ~self.derived, self.strata) if self.strata else state

    def after(self, action: Action, state: int) -> int:
        """Return the closed state after an action in a closed state."""
        there = action.after(state)
        if not self.strata:
            return there
        touched, strata = self._reach(action)
        return derive(there & ~(touched & self.derived), strata)

    @cached_property
    def _reaches(self) -> dict[Call, tuple[int, tuple[Stratum, ...]]]:
        return {}

    def _reach(self, action: Action) -> tuple[int, tuple[Stratum, ...]]:
        """Return the facts that an action may change, and the rules that compute the derived ones."""
        found = self._reaches.get(action.call)
        if found is None:
            base = action.adds | action.deletes
            for effect in action.conditional:
                base |= effect.adds | effect.deletes
            touched = base | sum(head for head, cone in self.cones.items() if cone & base)
            kept = (stratum.of(touched) for stratum in self.strata)
            found = self._reaches[action.call] = touched, tuple(s for s in kept if s is not None)
        return found

    def state(self, values: Mapping[str, Value]) -> int:
        """Return the state in which fluents hold these values."""
        return int("".join(["1" if values[fact] else "0" for fact in reversed(self.facts)]) or "0", 2)

    def named(self, mask: int) -> list[str]:
        """Return the names of the facts in a mask, in order."""
        return [self.facts[place] for place in bits(mask)]

    def drawn(self, state: int, mark: float) -> Action | None:
        """Return the applicable action that a mark in [0, 1) selects; None if none applies."""
        applicable = self.applicable.places(state)
        return self.actions[applicable[int(mark * len(applicable))]] if applicable else None

    def values(self, positive: int, negative: int = 0) -> dict[str, Value]:
        """Return the facts of one mask as true, and those of the other as false."""
        return dict.fromkeys(self.named(positive), True) | dict.fromkeys(self.named(negative), False)

    def moved(self, before: int, after: int) -> dict[str, Value]:
        """Return the facts that differ between two states, with their new values."""
        return self.values(after & ~before, before & ~after)


def kernel_of(actions: Iterable[Action], goal: Kernel) -> Kernel | None:
    """Return what must hold for these actions to succeed one after the other and reach the goal."""
    kernel: Kernel | None = goal
    for action in reversed(list(actions)):
        if kernel is None:
            return None
        kernel = kernel.before(action)
    return kernel
