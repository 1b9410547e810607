"""Greedy best-first search with the FF heuristic on bit masks: the same plan whatever the hash seed.

The heuristic is the length of a relaxed plan (Hoffmann and Nebel 2001); a state is evaluated when it is
taken up, not when it is found, and the actions of its relaxed plan are tried first. Ties go to what
was found first, and actions are tried in the order of their names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import NamedTuple

from sim import Call
from worlds.pddl.task import Action, Kernel, Task


@dataclass(frozen=True)
class Found:
    """What a search came to.

    Attributes:
        actions: the plan, None where there is none.
        expansions: states expanded.
        spent: whether the budget was spent before it was known.
    """

    actions: tuple[Action, ...] | None
    expansions: int
    spent: bool = False


class Planned(tuple[Call, ...]):
    """A plan's calls, and how many states were expanded for it."""

    expansions: int

    def __new__(cls, calls: Sequence[Call], expansions: int) -> Planned:
        """Calls in order."""
        made = super().__new__(cls, calls)
        made.expansions = expansions
        return made


class _Relaxed(NamedTuple):
    """An action for the heuristic: negated facts are facts of their own, in the bits above."""

    action: Action
    needs: int
    adds: int


class Search:
    """Searches one task; it keeps nothing between searches but what the task itself gives."""

    def __init__(self, task: Task) -> None:
        self._all = (1 << len(task.facts)) - 1
        self._width = len(task.facts)
        self._actions = task.actions
        self._relaxed = [
            _Relaxed(a, a.needs | a.forbids << self._width, a.adds | (a.deletes & ~a.adds) << self._width)
            for a in task.actions
        ]

    def plan(self, state: int, goal: Kernel, budget: int) -> Found:
        """A plan from a state to a goal.

        Args:
            state: the facts that hold.
            goal: what must hold at the end.
            budget: states to expand at most.
        """
        if goal.holds(state):
            return Found((), 0)
        want = goal.needs | goal.forbids << self._width
        came: dict[int, tuple[int, Action] | None] = {state: None}
        queue: list[tuple[int, int, int, int]] = [(0, 0, 0, state)]
        number = expansions = 0
        while queue:
            _, _, _, here = heappop(queue)
            if expansions >= budget:
                return Found(None, expansions, spent=True)
            expansions += 1
            distance, helpful = self._estimate(here, want)
            if distance < 0:
                continue
            for action in self._actions:
                if not (here & action.needs == action.needs and not here & action.forbids):
                    continue
                there = here & ~action.deletes | action.adds
                if there in came:
                    continue
                came[there] = (here, action)
                if goal.holds(there):
                    return Found(_path(came, there), expansions)
                number += 1
                heappush(queue, (distance, action not in helpful, number, there))
        return Found(None, expansions)

    def shortest(self, state: int, goal: Kernel, budget: int) -> int | None:
        """How many actions a shortest plan has, by breadth-first search; None past the budget or if none."""
        if goal.holds(state):
            return 0
        seen, layer, depth, count = {state}, [state], 0, 0
        while layer:
            depth += 1
            following = []
            for here in layer:
                count += 1
                if count > budget:
                    return None
                for action in self._actions:
                    if here & action.needs == action.needs and not here & action.forbids:
                        there = here & ~action.deletes | action.adds
                        if there not in seen:
                            if goal.holds(there):
                                return depth
                            seen.add(there)
                            following.append(there)
            layer = following
        return None

    def _estimate(self, state: int, want: int) -> tuple[int, frozenset[Action] | set[Action]]:
        """The length of a relaxed plan and its actions that apply at once; −1 where there is none."""
        reached = state | (~state & self._all) << self._width
        first: dict[int, _Relaxed] = {}
        level: dict[int, int] = {}
        waiting = self._relaxed
        depth = 0
        while want & ~reached:
            depth += 1
            new, still = 0, []
            for one in waiting:
                if one.needs & ~reached:
                    still.append(one)
                    continue
                adds = one.adds & ~reached & ~new
                if adds:
                    new |= adds
                    while adds:
                        bit = adds & -adds
                        first[bit], level[bit] = one, depth
                        adds ^= bit
            if not new:
                return -1, frozenset()
            reached |= new
            waiting = still
        return _relaxed_plan(first, level, want, depth)


def _relaxed_plan(
    first: dict[int, _Relaxed], level: dict[int, int], want: int, depth: int
) -> tuple[int, set[Action]]:
    """Collect an achiever for each wanted fact, from the last layer back to the first."""
    wanted: list[int] = [0] * (depth + 1)
    _spread(want, level, wanted)
    chosen: set[int] = set()
    helpful: set[Action] = set()
    length = 0
    for at in range(depth, 0, -1):
        bits = wanted[at]
        while bits:
            bit = bits & -bits
            bits ^= bit
            one = first[bit]
            if id(one) in chosen:
                continue
            chosen.add(id(one))
            length += 1
            if at == 1:
                helpful.add(one.action)
            _spread(one.needs, level, wanted)
    return length, helpful


def _spread(mask: int, level: dict[int, int], wanted: list[int]) -> None:
    """Want these facts, each at the layer at which it is first reached."""
    while mask:
        bit = mask & -mask
        mask ^= bit
        at = level.get(bit)
        if at is not None:
            wanted[at] |= bit


def _path(came: dict[int, tuple[int, Action] | None], state: int) -> tuple[Action, ...]:
    steps = []
    before = came[state]
    while before is not None:
        steps.append(before[1])
        before = came[before[0]]
    return tuple(reversed(steps))
