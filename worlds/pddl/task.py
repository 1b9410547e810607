"""A ground planning problem on bit masks: facts are bits, an action is five masks and a cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sim import Call, Value


@dataclass(frozen=True)
class Action:
    """A ground action.

    Attributes:
        call: the action with its arguments bound, named ``x1``, ``x2`` and so on as in the domain.
        needs: facts that must hold.
        forbids: facts that must not.
        adds: facts that hold afterwards.
        deletes: facts that do not, unless added.
        cost: as the domain's metric says, 1 if it does not.
    """

    call: Call
    needs: int
    forbids: int
    adds: int
    deletes: int
    cost: int = 1

    def applies(self, state: int) -> bool:
        """Whether it can be carried out in a state."""
        return state & self.needs == self.needs and not state & self.forbids

    def after(self, state: int) -> int:
        """The state after it."""
        return state & ~self.deletes | self.adds


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
        """What must hold before an action for this to hold after it; None if it never can."""
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
        init: the facts that hold at first.
        goal: what must hold at the end.
        actions: the agent's, in order of their names.
        events: the world's, in order of their names.
    """

    name: str
    facts: tuple[str, ...]
    init: int
    goal: Kernel
    actions: tuple[Action, ...]
    events: tuple[Action, ...]

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The bit of each fact."""
        return {fact: 1 << i for i, fact in enumerate(self.facts)}

    @cached_property
    def by_call(self) -> Mapping[Call, Action]:
        """Each of the agent's actions by its call."""
        return {action.call: action for action in self.actions}

    def state(self, values: Mapping[str, Value]) -> int:
        """The state in which fluents hold these values."""
        state = 0
        for fact, bit in self.places.items():
            if values[fact]:
                state |= bit
        return state

    def named(self, mask: int) -> list[str]:
        """The facts of a mask, in order."""
        return [self.facts[place] for place in bits(mask)]

    def drawn(self, state: int, mark: float) -> Action | None:
        """One of the actions that apply in a state, the same for the same mark in [0, 1), if there is one."""
        able = [action for action in self.actions if action.applies(state)]
        return able[int(mark * len(able))] if able else None

    def values(self, positive: int, negative: int = 0) -> dict[str, Value]:
        """The facts of one mask as true, and those of another as false."""
        return dict.fromkeys(self.named(positive), True) | dict.fromkeys(self.named(negative), False)


def bits(mask: int) -> list[int]:
    """The places of the bits that are set, in order."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


def kernel_of(actions: Iterable[Action], goal: Kernel) -> Kernel | None:
    """What must hold for these actions to go well one after the other and end in the goal."""
    kernel: Kernel | None = goal
    for action in reversed(list(actions)):
        if kernel is None:
            return None
        kernel = kernel.before(action)
    return kernel
