"""A ground planning problem on bit masks: facts are bits, an action is masks and a cost, a rule two masks.

Conditional effects stay as they are. A derived fact, the user's own or a disjunction of a condition, is a
bit that rules decide from the others, stratum by stratum; a state is *closed* when they have been applied.
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
    """An effect that comes only where its condition holds before the action.

    Attributes:
        needs: facts that must hold.
        forbids: facts that must not.
        adds: facts that hold afterwards.
        deletes: facts that do not, unless added.
    """

    needs: int
    forbids: int
    adds: int
    deletes: int

    def comes(self, state: int) -> bool:
        """Whether its condition holds in a state."""
        return state & self.needs == self.needs and not state & self.forbids


@dataclass(frozen=True, slots=True)
class Action:
    """A ground action.

    Attributes:
        call: the action with its arguments bound, named as in the domain.
        needs: facts that must hold.
        forbids: facts that must not.
        adds: facts that hold afterwards.
        deletes: facts that do not, unless added.
        cost: as the domain's metric says, 1 if it does not.
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
        """Whether it can be carried out in a state."""
        return state & self.needs == self.needs and not state & self.forbids

    def after(self, state: int) -> int:
        """The state after it, but for what rules derive (see `Task.after`)."""
        adds, deletes = self.adds, self.deletes
        for effect in self.conditional:
            if state & effect.needs == effect.needs and not state & effect.forbids:
                adds |= effect.adds
                deletes |= effect.deletes
        return state & ~deletes | adds


@dataclass(frozen=True)
class Kernel:
    """What must hold, and must not, for something to go well.

    Attributes:
        needs: facts that must hold.
        forbids: facts that must not.
    """

    needs: int
    forbids: int

    def holds(self, state: int) -> bool:
        """Whether it holds in a state."""
        return state & self.needs == self.needs and not state & self.forbids

    def before(self, action: Action) -> Kernel | None:
        """What must hold before an action without conditional effects for this to hold after it.

        None if it never can.
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
        name: of the problem.
        facts: each fact by its place, such as ``at(c1, l2)``.
        init: the facts that hold at first, derived ones among them.
        goal: what must hold at the end.
        actions: the agent's, in order of their names.
        events: the world's, in order of their names.
        strata: the rules for derived facts; those of a stratum deny only facts of lower ones.
    """

    name: str
    facts: tuple[str, ...]
    init: int
    goal: Kernel
    actions: tuple[Action, ...]
    events: tuple[Action, ...]
    strata: tuple[Stratum, ...] = ()

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
        """Which of the agent's actions apply where."""
        return Applicable(self.actions)

    @cached_property
    def derived(self) -> int:
        """The facts that rules decide."""
        return sum({rule.head for rules in self.strata for rule in rules})

    @cached_property
    def contextual(self) -> bool:
        """Whether what an action does to some fact depends on the state."""
        return bool(self.strata) or any(action.conditional for action in self.actions)

    @cached_property
    def cones(self) -> Mapping[int, int]:
        """For each derived fact, as a mask, the facts on which it may depend."""
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
        """The facts that an action may change in some state."""
        return self._reach(action)[0]

    def closed(self, state: int) -> int:
        """A state with the derived facts that its others give it."""
        return derive(state & ~self.derived, self.strata) if self.strata else state

    def after(self, action: Action, state: int) -> int:
        """The closed state after an action, from a closed one."""
        there = action.after(state)
        if not self.strata:
            return there
        touched, strata = self._reach(action)
        return derive(there & ~(touched & self.derived), strata)

    @cached_property
    def _reaches(self) -> dict[Call, tuple[int, tuple[Stratum, ...]]]:
        return {}

    def _reach(self, action: Action) -> tuple[int, tuple[Stratum, ...]]:
        """The facts that an action may change, and the rules that decide those of them that are derived."""
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
        """The state in which fluents hold these values."""
        return int("".join(["1" if values[fact] else "0" for fact in reversed(self.facts)]) or "0", 2)

    def named(self, mask: int) -> list[str]:
        """The facts of a mask, in order."""
        return [self.facts[place] for place in bits(mask)]

    def drawn(self, state: int, mark: float) -> Action | None:
        """One of the actions that apply in a state, the same for the same mark in [0, 1), if there is one."""
        applicable = self.applicable.places(state)
        return self.actions[applicable[int(mark * len(applicable))]] if applicable else None

    def values(self, positive: int, negative: int = 0) -> dict[str, Value]:
        """The facts of one mask as true, and those of another as false."""
        return dict.fromkeys(self.named(positive), True) | dict.fromkeys(self.named(negative), False)

    def moved(self, before: int, after: int) -> dict[str, Value]:
        """What another state holds otherwise."""
        return self.values(after & ~before, before & ~after)


def kernel_of(actions: Iterable[Action], goal: Kernel) -> Kernel | None:
    """What must hold for these actions to go well one after the other and end in the goal."""
    kernel: Kernel | None = goal
    for action in reversed(list(actions)):
        if kernel is None:
            return None
        kernel = kernel.before(action)
    return kernel
